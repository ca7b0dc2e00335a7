import { dragHandle } from './card-drag.ts';
import { createColumnMovers } from './column-movers.ts';
import { createConflictLink } from './conflict-link.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';
import { createNoteList } from './note-list.ts';
import { createParkedActions } from './parked-actions.ts';
import type { BoardService } from './service.ts';
import { createTagList } from './tag-list.ts';
import { createTaskBadge } from './task-badge.ts';
import { createTaskFields } from './task-fields.ts';
import { createTaskWrites } from './task-writes.ts';
import { completeTask, type Task } from './task.ts';

export interface TaskCard {
  readonly element: HTMLElement;
  /** Puts the caret into the title. */
  focus(): void;
  close(): void;
}

/** One task, edited in place: each keystroke is a write, and every change of the task shows at once. */
export function createTaskCard(sync: BoardService, id: string, report: (failure: unknown) => void): TaskCard {
  const tasks = sync.collection('tasks');

  const card = element('article', { class: 'card', 'data-testid': `task-${id}`, tabindex: -1 });
  const { edit, remove } = createTaskWrites(sync, id, {
    onUnsaved: (count) => {
      card.dataset['unsaved'] = String(count);
    },
    onRefused: (failure) => {
      report(failure);
      const task = tasks.get(id);
      if (task !== undefined) show(completeTask(task));
    },
  });

  const badge = createTaskBadge();
  const fields = createTaskFields(edit);
  const tags = createTagList((change) => edit((task) => ({ ...task, tags: change(task.tags) })));
  const notes = createNoteList((change) => edit((task) => ({ ...task, notes: change(task.notes) })));
  const parked = createParkedActions(sync, id, report);

  const conflictLink = createConflictLink(sync, id);

  const movers = createColumnMovers(edit);
  const removeAndMoveOn = () => {
    const next = card.nextElementSibling ?? card.previousElementSibling ?? card.closest('.lane');
    remove();
    if (next instanceof HTMLElement) next.focus();
  };
  const bin = element(
    'button',
    {
      type: 'button',
      class: 'bare',
      'data-testid': 'task-delete',
      'aria-label': 'Delete task',
      onclick: removeAndMoveOn,
    },
    icon('bin'),
  );
  const tools = element('div', { class: 'tools' }, ...movers.buttons, bin);
  card.append(
    element('div', { class: 'card-head' }, dragHandle(card, id), badge.element, tools),
    fields.title,
    tags.element,
    fields.details,
    notes.element,
    parked.element,
    conflictLink.element,
  );

  const show = (task: Task) => {
    card.setAttribute('aria-label', task.title === '' ? 'Untitled task' : task.title);
    fields.show(task);
    tags.show(task.tags);
    notes.show(task.notes);
    movers.show(task);
  };

  const subscriptions = [
    tasks.entity$(id).subscribe((task) => {
      if (task !== undefined) show(completeTask(task));
    }),
    tasks.status$(id).subscribe((status) => {
      card.dataset['status'] = status;
      badge.show(status);
      parked.show(status);
      conflictLink.show(status);
    }),
  ];

  return {
    element: card,
    focus: () => fields.title.focus(),
    close: () => subscriptions.forEach((subscription) => subscription.unsubscribe()),
  };
}
