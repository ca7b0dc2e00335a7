import { element } from './element.ts';
import { createNetworkSwitch } from './network-switch.ts';
import { createNetworkToggle } from './network-toggle.ts';
import { createNotice } from './notice.ts';
import { createServiceView } from './service-view.ts';
import { createBoardService } from './service.ts';
import { saveSettings, shareSettings, type Settings } from './settings.ts';
import { createStatusLine } from './status-line.ts';
import { createStrategySelect } from './strategy-select.ts';

/** Which side a client is on; its colour and its test id. */
export type Side = 'left' | 'right';

/**
 * One client: a plug, a strategy, a status line, a board and its conflicts, over a service and a storage of its own. In several windows
 * of one browser it is one client with several tabs: they have its plug and its strategy in common.
 */
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

  const apply = (next: Settings) => {
    const isOtherStrategy = next.strategy !== settings.strategy;
    settings = next;
    if (next.plugged && !network.plugged) network.plugIn();
    if (!next.plugged && network.plugged) network.pull();
    toggle.show(next.plugged);
    strategySelect.show(next.strategy);
    if (isOtherStrategy) view.open(next.strategy);
  };
  const showStored = ({ plugged }: Settings) => {
    panel.dataset['plugged'] = String(plugged);
  };
  const tellOtherWindows = shareSettings(client, (next) => {
    apply(next);
    showStored(next);
  });
  const change = async (part: Partial<Settings>) => {
    const next = { ...settings, ...part };
    apply(next);
    await saveSettings(client, next);
    showStored(next);
    tellOtherWindows(next);
  };
  const toggle = createNetworkToggle((plugged) => {
    change({ plugged }).catch(notice.report);
  });
  const strategySelect = createStrategySelect((strategy) => {
    change({ strategy }).catch(notice.report);
  });

  const heading = element('h2', { id: `${side}-name` }, `${client.charAt(0).toUpperCase()}${client.slice(1)}`);
  const panel = element(
    'section',
    {
      class: 'client',
      'data-testid': `client-${side}`,
      'data-side': side,
      'aria-labelledby': heading.id,
    },
    element('header', { class: 'client-head' }, heading, strategySelect.element, toggle.element),
    status.element,
    notice.element,
    view.element,
  );
  apply(settings);
  showStored(settings);
  view.open(settings.strategy);
  return panel;
}
