import type { EntityStatus } from 'syncline';
import { element } from './element.ts';

const badgeNames: Readonly<Record<EntityStatus, string>> = {
  synced: 'Synced',
  pending: 'Pending',
  sending: 'Sending',
  conflicted: 'Conflict',
  parked: 'Parked',
  'unknown-entity': 'Gone',
};

export interface TaskBadge {
  readonly element: HTMLElement;
  show(status: EntityStatus): void;
}

/** How far a task has come on its way to the backend. */
export function createTaskBadge(): TaskBadge {
  const badge = element('span', { class: 'badge', 'data-testid': 'task-status' });
  return {
    element: badge,
    show(status) {
      badge.dataset['status'] = status;
      badge.textContent = badgeNames[status];
    },
  };
}
