import type { Draft, ISyncEntity } from 'syncline';

/** Where a task stands, in the order of the board. */
export const columns = ['todo', 'doing', 'done'] as const;

export type Column = (typeof columns)[number];

export const columnNames: Readonly<Record<Column, string>> = { todo: 'To do', doing: 'Doing', done: 'Done' };

export interface Note {
  readonly id: string;
  readonly text: string;
}

/** A card of the board: nested fields, a set and rows, so that every kind of merge can be seen. */
export interface Task {
  id: string;
  readonly title: string;
  readonly column: Column;
  /** ISO 8601; the order of cards within a column. */
  readonly createdAt: string;
  readonly assignee: { readonly name: string };
  /** `date` is `YYYY-MM-DD` or empty. */
  readonly due: { readonly date: string; readonly estimateHours: number | null };
  readonly tags: readonly string[];
  readonly notes: readonly Note[];
}

/** An empty task in the first column. */
export function newTask(): Draft<Task> {
  return completeTask({ id: crypto.randomUUID(), createdAt: new Date().toISOString() });
}

/** Fills in what other writers left out: the collection is open to any client of the server. */
export function completeTask(task: Partial<Task & ISyncEntity> & { id: string }): Task & Partial<ISyncEntity> {
  return {
    ...task,
    title: task.title ?? '',
    column: task.column !== undefined && columns.includes(task.column) ? task.column : 'todo',
    createdAt: task.createdAt ?? '',
    assignee: { ...task.assignee, name: task.assignee?.name ?? '' },
    due: { ...task.due, date: task.due?.date ?? '', estimateHours: task.due?.estimateHours ?? null },
    tags: task.tags ?? [],
    notes: task.notes ?? [],
  };
}

/** By creation, then by id: the same on every client. */
export function byCreation(a: Task, b: Task): number {
  const [left, right] = [`${a.createdAt} ${a.id}`, `${b.createdAt} ${b.id}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
