import { createBoard } from './board.ts';
import { createConflictPanel } from './conflict-panel.ts';
import { element } from './element.ts';
import { createNetworkSwitch } from './network-switch.ts';
import { createNetworkToggle } from './network-toggle.ts';
import { createNotice } from './notice.ts';
import { becomeOnlyWindow } from './only-window.ts';
import { createBoardService, type BoardService } from './service.ts';
import { loadSettings, saveSettings, type Settings } from './settings.ts';
import { createStatusLine } from './status-line.ts';
import { createStrategySelect } from './strategy-select.ts';

/** Which side a client is on; its colour and its test id. */
export type Side = 'left' | 'right';

/** One client: a plug, a strategy, a status line, a board and its conflicts, over a service and a storage of its own. */
export function createClientPanel(side: Side, client: string): HTMLElement {
  const settings = loadSettings(client);
  const network = createNetworkSwitch(settings.plugged);
  const status = createStatusLine();
  const notice = createNotice();
  const content = element('div', { class: 'content' });

  const show = (sync: BoardService) => showService(sync, { content, status, report: notice.report });
  let running = becomeOnlyWindow(client, () =>
    notice.show('This client is open in another window. Close it there, or add ?name=another to the address.'),
  ).then(() => {
    notice.show('');
    return show(createBoardService(client, network, settings.strategy));
  });

  const change = (next: Partial<Settings>) => saveSettings(client, Object.assign(settings, next));
  const reopen = () => {
    running = running.then(async (close) => {
      await close();
      return show(createBoardService(client, network, settings.strategy));
    });
    running.catch(notice.report);
  };
  running.catch(notice.report);

  const toggle = createNetworkToggle(network, () => {
    panel.dataset['plugged'] = String(network.plugged);
    change({ plugged: network.plugged });
  });
  const strategy = createStrategySelect(settings.strategy, (chosen) => {
    change({ strategy: chosen });
    reopen();
  });

  const heading = element('h2', { id: `${side}-name` }, `${client.charAt(0).toUpperCase()}${client.slice(1)}`);
  const panel = element(
    'section',
    {
      class: 'client',
      'data-testid': `client-${side}`,
      'data-side': side,
      'data-plugged': network.plugged,
      'aria-labelledby': heading.id,
    },
    element('header', { class: 'client-head' }, heading, strategy, toggle),
    status.element,
    notice.element,
    content,
  );
  return panel;
}

interface Place {
  readonly content: HTMLElement;
  readonly status: ReturnType<typeof createStatusLine>;
  readonly report: (failure: unknown) => void;
}

/** Shows a service and returns what takes it down again. */
function showService(sync: BoardService, { content, status, report }: Place): () => Promise<void> {
  const board = createBoard(sync, report);
  const conflicts = createConflictPanel(sync, report);
  content.replaceChildren(board.element, conflicts.element);
  status.show(sync.getSnapshot());
  const unsubscribe = sync.subscribe((state) => status.show(state));
  sync.ready.catch(report);
  return async () => {
    unsubscribe();
    board.close();
    conflicts.close();
    content.inert = true;
    await sync.close();
    content.inert = false;
  };
}
