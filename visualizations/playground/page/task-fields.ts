import { bindField } from './bound-field.ts';
import { element } from './element.ts';
import type { Task } from './task.ts';

export interface TaskFields {
  readonly title: HTMLElement;
  /** Assignee, due date and estimate. */
  readonly details: HTMLElement;
  show(task: Task): void;
}

/** The plain fields of a task; each writes only its own place in the nested object. */
export function createTaskFields(edit: (change: (task: Task) => Task) => void): TaskFields {
  const title = element('textarea', {
    class: 'quiet title',
    'data-testid': 'task-title',
    'aria-label': 'Title',
    placeholder: 'Untitled task',
    rows: 1,
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Enter') event.preventDefault();
    },
  });
  const assignee = element('input', {
    class: 'quiet',
    'data-testid': 'task-assignee',
    placeholder: 'Nobody',
    autocomplete: 'off',
  });
  const dueDate = element('input', { class: 'quiet', 'data-testid': 'task-due', type: 'date' });
  const estimate = element('input', {
    class: 'quiet',
    'data-testid': 'task-estimate',
    type: 'number',
    min: 0,
    step: 'any',
    inputmode: 'decimal',
    placeholder: '–',
  });

  const titleField = bindField(title, (value) => edit((task) => ({ ...task, title: value.replaceAll('\n', ' ') })));
  const assigneeField = bindField(assignee, (name) =>
    edit((task) => ({ ...task, assignee: { ...task.assignee, name } })),
  );
  const dueField = bindField(dueDate, (date) => edit((task) => ({ ...task, due: { ...task.due, date } })));
  const estimateField = bindField(estimate, (hours) =>
    edit((task) => ({ ...task, due: { ...task.due, estimateHours: hoursIn(hours) } })),
  );

  const labelled = (name: string, field: HTMLElement, unit = '') =>
    element('label', {}, element('span', { class: 'label' }, name), field, unit);

  return {
    title,
    details: element(
      'div',
      { class: 'details' },
      labelled('Assignee', assignee),
      labelled('Due', dueDate),
      labelled('Estimate', estimate, 'h'),
    ),
    show(task) {
      titleField.show(task.title);
      assigneeField.show(task.assignee.name);
      dueField.show(task.due.date);
      dueDate.dataset['empty'] = String(task.due.date === '');
      const hours = task.due.estimateHours;
      if (hoursIn(estimate.value) !== hours) estimateField.show(hours === null ? '' : String(hours));
    },
  };
}

/** `1.0` on its way to `1.05` is 1 already: equal numbers leave the field as it was typed. */
const hoursIn = (text: string): number | null => (text === '' ? null : Number(text));
