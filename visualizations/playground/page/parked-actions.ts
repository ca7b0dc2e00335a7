import type { EntityStatus } from 'syncline';
import { element } from './element.ts';
import type { BoardService } from './service.ts';

export interface ParkedActions {
  readonly element: HTMLElement;
  show(status: EntityStatus): void;
}

/** What can be done about a task whose write the backend refused: send it again, or give it up. */
export function createParkedActions(sync: BoardService, id: string, report: (failure: unknown) => void): ParkedActions {
  const decide = (choice: 'retry' | 'discard') => () => {
    const refused = sync.queue.parked().filter((operation) => operation.entityId === id);
    Promise.all(refused.map((operation) => sync.queue[choice](operation.id))).catch(report);
  };
  const button = (name: string, choice: 'retry' | 'discard') =>
    element('button', { type: 'button', class: 'button', onclick: decide(choice) }, name);

  const reason = element('p');
  const actions = element(
    'div',
    { class: 'parked', hidden: true },
    reason,
    button('Send again', 'retry'),
    button('Give up', 'discard'),
  );
  return {
    element: actions,
    show(status) {
      actions.hidden = status !== 'parked';
      if (actions.hidden) return;
      const refused = sync.queue.parked().find((operation) => operation.entityId === id);
      reason.textContent = refused?.error?.message ?? 'The server refused this change.';
    },
  };
}
