import type { Json, JsonPatchOperation } from './json.ts';
import { longestIncreasing } from './longest-increasing.ts';
import { createOccupiedSlots } from './occupied-slots.ts';
import type { RowId } from './rows.ts';

/** The differing middle of two arrays of rows: `start` to before `end` of each, with the position of every id. */
export interface RowRange {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly after: readonly unknown[];
  readonly positionsBefore: ReadonlyMap<RowId, number>;
  readonly positionsAfter: ReadonlyMap<RowId, number>;
}

/** Position in `after` of the rows that stay, in the order of `before`. */
function keptPositions(range: RowRange): number[] {
  const kept: number[] = [];
  for (const id of range.positionsBefore.keys()) {
    const position = range.positionsAfter.get(id);
    if (position !== undefined) kept.push(position);
  }
  return kept;
}

function addInOrder(range: RowRange, settled: ReadonlySet<number>, operations: JsonPatchOperation[]): void {
  for (let position = range.start; position < range.end; position += 1) {
    if (settled.has(position)) continue;
    operations.push({ op: 'add', path: `${range.path}/${position}`, value: range.after[position] as Json });
  }
}

interface Slots {
  readonly size: number;
  /** By position in `after`. */
  readonly target: ReadonlyMap<number, number>;
  /** Of the rows that have to move, by position in `after`. */
  readonly origin: ReadonlyMap<number, number>;
}

/** One order in which every row has a slot where it is and one where it goes; rows that stay have only one. */
function layOut(range: RowRange, kept: readonly number[], settled: ReadonlySet<number>): Slots {
  const target = new Map<number, number>();
  const origin = new Map<number, number>();
  let size = 0;
  let next = range.start;
  let waiting: number[] = [];
  const closeGap = (end: number): void => {
    for (; next < end; next += 1) target.set(next, size++);
    for (const position of waiting) origin.set(position, size++);
    waiting = [];
  };
  for (const position of kept) {
    if (!settled.has(position)) {
      waiting.push(position);
      continue;
    }
    closeGap(position);
    target.set(position, size++);
    next = position + 1;
  }
  closeGap(range.end);
  return { size, target, origin };
}

function addAndMove(
  range: RowRange,
  kept: readonly number[],
  settled: ReadonlySet<number>,
  operations: JsonPatchOperation[],
): void {
  const { path, start } = range;
  const { size, target, origin } = layOut(range, kept, settled);
  const slots = createOccupiedSlots(size);
  for (const position of settled) slots.take(target.get(position) as number);
  for (const slot of origin.values()) slots.take(slot);
  for (let position = start; position < range.end; position += 1) {
    if (settled.has(position)) continue;
    const slot = target.get(position) as number;
    const from = origin.get(position);
    if (from === undefined) {
      operations.push({
        op: 'add',
        path: `${path}/${start + slots.takenBefore(slot)}`,
        value: range.after[position] as Json,
      });
    } else {
      const index = start + slots.takenBefore(from);
      slots.vacate(from);
      const to = start + slots.takenBefore(slot);
      if (index !== to) operations.push({ op: 'move', from: `${path}/${index}`, path: `${path}/${to}` });
    }
    slots.take(slot);
  }
}

/** Takes out, puts in and moves rows: one operation each, and as few moves as there can be. Rows themselves are not compared. */
export function arrangeRows(range: RowRange, operations: JsonPatchOperation[]): void {
  for (const [id, position] of [...range.positionsBefore].reverse()) {
    if (!range.positionsAfter.has(id)) operations.push({ op: 'remove', path: `${range.path}/${position}` });
  }
  const kept = keptPositions(range);
  const settled = new Set(longestIncreasing(kept).map((index) => kept[index] as number));
  if (settled.size === kept.length) addInOrder(range, settled, operations);
  else addAndMove(range, kept, settled, operations);
}
