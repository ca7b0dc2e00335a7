import type { ISyncEntity } from '../core/entity.ts';
import type { ViewChange } from './observers.ts';
import type { Compare } from './order-by.ts';

/** Rows in order, kept up change by change. */
export interface SortedRows {
  first(count: number): readonly ISyncEntity[];
  /** Puts rows in, moves them, takes them out (`entity` null). Returns the first place that changed, Infinity if none did. */
  update(changes: readonly ViewChange[]): number;
}

/** So many changes at once cost less as one merge of the whole than one by one. */
const many = 32;

export function createSortedRows(unsorted: readonly ISyncEntity[], compare: Compare): SortedRows {
  let rows = unsorted.toSorted(compare);
  const rowById = new Map(rows.map((row) => [row.id, row]));

  /** Where the row is, or belongs. */
  function positionOf(row: ISyncEntity): number {
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

  function placeOf(row: ISyncEntity): number {
    const expected = positionOf(row);
    return rows[expected] === row ? expected : rows.indexOf(row);
  }

  /** Whether the row may stand at a place without any other moving. */
  function fits(row: ISyncEntity, at: number): boolean {
    const before = rows[at - 1];
    const after = rows[at + 1];
    return (!before || compare(before, row) < 0) && (!after || compare(row, after) < 0);
  }

  function putIn(row: ISyncEntity): number {
    const at = positionOf(row);
    rows.splice(at, 0, row);
    rowById.set(row.id, row);
    return at;
  }

  function updateOne({ id, entity }: ViewChange): number {
    const row = rowById.get(id);
    if (!row) return entity ? putIn(entity) : Infinity;
    const at = placeOf(row);
    if (entity && fits(entity, at)) {
      rows[at] = entity;
      rowById.set(id, entity);
      return at;
    }
    rows.splice(at, 1);
    rowById.delete(id);
    return Math.min(at, entity ? putIn(entity) : Infinity);
  }

  function updateMany(changes: readonly ViewChange[]): number {
    const changed = new Map(changes.map(({ id, entity }) => [id, entity]));
    const kept = rows.filter(({ id }) => !changed.has(id));
    const added = [...changed.values()].filter((entity) => entity !== null).toSorted(compare);
    rows = [...kept, ...added].sort(compare);
    for (const [id, entity] of changed) {
      if (entity) rowById.set(id, entity);
      else rowById.delete(id);
    }
    return 0;
  }

  return {
    first: (count) => rows.slice(0, count),
    update(told) {
      const changes = told.filter(({ id, entity }) => (rowById.get(id) ?? null) !== entity);
      if (changes.length > many) return updateMany(changes);
      return Math.min(Infinity, ...changes.map(updateOne));
    },
  };
}
