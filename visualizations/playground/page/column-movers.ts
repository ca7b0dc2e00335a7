import { element } from './element.ts';
import { icon } from './icon.ts';
import { columnNames, columns, type Task } from './task.ts';

export interface ColumnMovers {
  readonly buttons: readonly HTMLElement[];
  show(task: Task): void;
}

/** Two buttons that take a task one column back or on: what dragging does, for keyboards and touch. */
export function createColumnMovers(edit: (change: (task: Task) => Task) => void): ColumnMovers {
  const movers = ([-1, 1] as const).map((step) => ({
    step,
    button: element(
      'button',
      { type: 'button', class: 'bare', onclick: () => edit((task) => ({ ...task, column: neighbour(task, step) })) },
      icon(step < 0 ? 'left' : 'right'),
    ),
  }));
  return {
    buttons: movers.map(({ button }) => button),
    show(task) {
      for (const { step, button } of movers) {
        const target = neighbour(task, step);
        button.setAttribute('aria-label', `Move to ${columnNames[target]}`);
        button.setAttribute('aria-disabled', String(target === task.column));
      }
    },
  };
}

const neighbour = (task: Task, step: -1 | 1) => columns[columns.indexOf(task.column) + step] ?? task.column;
