import type { BuiltInStrategy } from 'syncline';
import { createBoard } from './board.ts';
import { createConflictPanel } from './conflict-panel.ts';
import { element } from './element.ts';
import type { BoardService } from './service.ts';
import type { StatusLine } from './status-line.ts';

export interface ServiceView {
  /** The board and the conflicts. */
  readonly element: HTMLElement;
  /** Closes the service that is shown, if any, and shows another; calls take turns. */
  open(strategy: BuiltInStrategy): void;
}

interface Surroundings {
  /** Makes the next service; called when the one before is closed. */
  readonly create: (strategy: BuiltInStrategy) => BoardService;
  readonly status: StatusLine;
  readonly report: (failure: unknown) => void;
}

/** Shows one service at a time. */
export function createServiceView({ create, status, report }: Surroundings): ServiceView {
  const content = element('div', { class: 'content' });

  const show = (sync: BoardService) => {
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
  };

  let closeShown: Promise<() => Promise<void>> = Promise.resolve(async () => {});
  return {
    element: content,
    open(strategy) {
      closeShown = closeShown.then(async (close) => {
        await close();
        return show(create(strategy));
      });
      closeShown.catch(report);
    },
  };
}
