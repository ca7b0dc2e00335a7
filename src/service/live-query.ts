import { Observable } from 'rxjs';
import type { ISyncEntity } from '../core/entity.ts';
import type { LiveQuery, QueryOptions } from './collection.ts';
import type { ViewChange } from './observers.ts';

type Compare = (a: ISyncEntity, b: ISyncEntity) => number;

export interface QuerySource {
  all(): Iterable<ISyncEntity>;
  version(): number;
  /** Returns its end. */
  observe(listener: (changes: readonly ViewChange[]) => void): () => void;
}

/**
 * A query that is kept up while somebody listens: a change costs the entity that changed, and one emission when it is among
 * the first `limit`.
 */
export function createLiveQuery(source: QuerySource, options: QueryOptions<ISyncEntity> = {}): LiveQuery<ISyncEntity> {
  const { where = () => true, limit = Infinity } = options;
  const compare = compareBy(options.orderBy);
  let cached: { readonly version: number; readonly result: readonly ISyncEntity[] } | null = null;

  function select(): ISyncEntity[] {
    return [...source.all()].filter((entity) => where(entity)).sort(compare);
  }

  function get(): readonly ISyncEntity[] {
    const version = source.version();
    if (cached?.version !== version) cached = { version, result: select().slice(0, limit) };
    return cached.result;
  }

  const result$ = new Observable<readonly ISyncEntity[]>((subscriber) => {
    const rows = select();
    const rowById = new Map(rows.map((row) => [row.id, row]));
    subscriber.next(rows.slice(0, limit));
    return source.observe((changes) => {
      let first = Infinity;
      for (const { id, entity } of changes) {
        const before = rowById.get(id);
        const after = entity && where(entity) ? entity : null;
        if (before) {
          const at = positionOf(rows, before, compare);
          rows.splice(at, 1);
          rowById.delete(id);
          first = Math.min(first, at);
        }
        if (after) {
          const at = positionOf(rows, after, compare);
          rows.splice(at, 0, after);
          rowById.set(id, after);
          first = Math.min(first, at);
        }
      }
      if (first < limit) subscriber.next(rows.slice(0, limit));
    });
  });

  return { get, result$ };
}

/** Where the row is, or belongs. */
function positionOf(rows: readonly ISyncEntity[], row: ISyncEntity, compare: Compare): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candidate = rows[middle];
    if (candidate && compare(candidate, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ties are broken by id, in code-unit order, so that every row has one place. */
function compareBy(orderBy: QueryOptions<ISyncEntity>['orderBy']): Compare {
  const byId: Compare = (a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);
  if (orderBy === undefined) return byId;
  if (typeof orderBy === 'function') return (a, b) => orderBy(a, b) || byId(a, b);
  const { field, direction } = typeof orderBy === 'string' ? { field: orderBy, direction: 'asc' } : orderBy;
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => sign * compareValues(a[field], b[field]) || byId(a, b);
}

/** Absent values come last, values of different types by type. */
function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === undefined || a === null) return 1;
  if (b === undefined || b === null) return -1;
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1;
  return (a as string | number) < (b as string | number) ? -1 : 1;
}
