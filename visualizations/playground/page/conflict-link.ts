import type { EntityStatus } from 'syncline';
import { element } from './element.ts';
import type { BoardService } from './service.ts';

export interface ConflictLink {
  readonly element: HTMLElement;
  show(status: EntityStatus): void;
}

/** Leads from a task to its open conflict, which may be far below. */
export function createConflictLink(sync: BoardService, id: string): ConflictLink {
  const goThere = () => {
    const record = sync.conflicts.list().find(({ entityId, status }) => entityId === id && status === 'open');
    const client = link.closest('.client');
    client?.querySelector<HTMLElement>(`[data-testid="conflict-${record?.id}"] button`)?.focus();
  };
  const link = element(
    'button',
    { type: 'button', class: 'button', 'data-testid': 'go-to-conflict', hidden: true, onclick: goThere },
    'Decide below',
  );
  return {
    element: link,
    show(status) {
      link.hidden = status !== 'conflicted';
    },
  };
}
