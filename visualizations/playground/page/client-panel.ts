import { element } from './element.ts';
import { createNetworkSwitch } from './network-switch.ts';
import { createNetworkToggle } from './network-toggle.ts';
import { createNotice } from './notice.ts';
import { becomeOnlyWindow } from './only-window.ts';
import { createServiceView } from './service-view.ts';
import { createBoardService } from './service.ts';
import { saveSettings, type Settings } from './settings.ts';
import { createStatusLine } from './status-line.ts';
import { createStrategySelect } from './strategy-select.ts';

/** Which side a client is on; its colour and its test id. */
export type Side = 'left' | 'right';

/** One client: a plug, a strategy, a status line, a board and its conflicts, over a service and a storage of its own. */
export function createClientPanel(side: Side, client: string, stored: Settings): HTMLElement {
  let settings = stored;
  const network = createNetworkSwitch(settings.plugged);
  const status = createStatusLine();
  const notice = createNotice();
  const view = createServiceView({
    create: (strategy) => createBoardService(client, network, strategy),
    status,
    report: notice.report,
  });

  const change = async (next: Partial<Settings>) => {
    settings = { ...settings, ...next };
    await saveSettings(client, settings);
    panel.dataset['plugged'] = String(settings.plugged);
  };
  const toggle = createNetworkToggle(network, (plugged) => {
    change({ plugged }).catch(notice.report);
  });
  const strategySelect = createStrategySelect(settings.strategy, (strategy) => {
    change({ strategy }).catch(notice.report);
    view.open(strategy);
  });

  const heading = element('h2', { id: `${side}-name` }, `${client.charAt(0).toUpperCase()}${client.slice(1)}`);
  const panel = element(
    'section',
    {
      class: 'client',
      'data-testid': `client-${side}`,
      'data-side': side,
      'data-plugged': String(settings.plugged),
      'aria-labelledby': heading.id,
    },
    element('header', { class: 'client-head' }, heading, strategySelect, toggle),
    status.element,
    notice.element,
    view.element,
  );

  becomeOnlyWindow(client, () =>
    notice.show('This client is open in another window. Close it there, or add ?name=another to the address.'),
  )
    .then(() => {
      notice.show('');
      view.open(settings.strategy);
    })
    .catch(notice.report);
  return panel;
}
