import type { ISyncEntity } from '../../../src/core/entity.ts';

/**
 * What clients write. Every write adds a row of its own to `log`, and one to `count` when its mark ends with `+`, so that an
 * effect that is lost, or that happened twice, shows in the entity itself.
 */
export interface Task {
  id: string;
  note: string;
  count: number;
  log: readonly { readonly id: string }[];
  nested: { readonly [key: string]: number };
  /** Of a note: the id of a task. */
  task?: string;
}

/** The collections of every simulated app. */
export type SimulatedCollections = { tasks: Task; notes: Task };

/** Their names. */
export const collectionNames = ['tasks', 'notes'] as const;

/** One of them. */
export type CollectionName = (typeof collectionNames)[number];

/** A note that the backend refuses. */
export const refusedNote = 'refused';

/** The marks of all writes that an entity shows, oldest first. */
export function marksOf(entity: unknown): readonly string[] {
  const log = (entity as Partial<Task> | null | undefined)?.log ?? [];
  return log.map((row) => row.id);
}

/** Whether the write that made the mark counts in `count`. */
export const isCounted = (mark: string): boolean => mark.endsWith('+');

/** The client that made a mark (`c1-17+`), and when in its order. */
export function originOf(mark: string): { readonly client: string; readonly index: number } {
  const [client = '', index = '0'] = mark.split('-');
  return { client, index: Number.parseInt(index, 10) };
}

/** An entity that nobody has written to. */
export const blank = (id: string): Task => ({ id, note: '', count: 0, log: [], nested: {} });

/** What a write makes of an entity. */
export function marked(current: Task, mark: string, change: Partial<Task> = {}): Task {
  const count = isCounted(mark) ? current.count + 1 : current.count;
  return { ...current, ...change, count, log: [...current.log, { id: mark }] };
}

/** What takes part in comparison. */
export function withoutMetadata<T extends ISyncEntity>(entity: T): Omit<T, 'updatedAt' | 'version'> {
  const { updatedAt: _updatedAt, version: _version, ...content } = entity;
  return content;
}

/** An entity in a line of the trace: `3 of c1-1+ c2-4`. */
export function summaryOf(entity: unknown): string {
  if (!entity) return 'deleted';
  return `${(entity as Partial<Task>).count} of ${marksOf(entity).join(' ')}`;
}
