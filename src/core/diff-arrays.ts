import { arrangeRows } from './diff-rows.ts';
import { equalJson } from './equal.ts';
import type { Json, JsonPatchOperation } from './json.ts';
import { indexRows, rowIdOf } from './rows.ts';

type Elements = readonly unknown[];

/** Two arrays, where they stand, and where the operations go. */
export interface ArrayDiff {
  readonly before: Elements;
  readonly after: Elements;
  readonly path: string;
  readonly operations: JsonPatchOperation[];
  /** Adds the operations that lead from one value to another that is not the same. */
  compare(before: unknown, after: unknown, path: string): void;
}

interface Trimmed {
  readonly head: number;
  readonly endBefore: number;
  readonly endAfter: number;
}

const mostShiftedElements = 2 ** 26;
const fewScalars = 16;

function isSameElement(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (typeof before !== 'object' || typeof after !== 'object') return false;
  const id = rowIdOf(before);
  return id === undefined ? equalJson(before, after) : id === rowIdOf(after);
}

function trim(before: Elements, after: Elements): Trimmed {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSameElement(before[head], after[head])) head += 1;
  let endBefore = before.length;
  let endAfter = after.length;
  while (endBefore > head && endAfter > head && isSameElement(before[endBefore - 1], after[endAfter - 1])) {
    endBefore -= 1;
    endAfter -= 1;
  }
  return { head, endBefore, endAfter };
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Whether so many scalars differ that the array as a whole is the shorter message. */
function isShorterAsWhole(before: Elements, after: Elements, start: number, end: number): boolean {
  if (end - start <= fewScalars) return false;
  let changed = 0;
  for (let index = start; index < end; index += 1) {
    if (!isScalar(before[index]) || !isScalar(after[index])) return false;
    if (before[index] !== after[index]) changed += 1;
  }
  return changed > fewScalars && changed * 2 > after.length;
}

function removeRange(start: number, end: number, path: string, operations: JsonPatchOperation[]): void {
  for (let index = end - 1; index >= start; index -= 1) operations.push({ op: 'remove', path: `${path}/${index}` });
}

function addRange(after: Elements, start: number, end: number, path: string, operations: JsonPatchOperation[]): void {
  for (let index = start; index < end; index += 1) {
    operations.push({ op: 'add', path: `${path}/${index}`, value: after[index] as Json });
  }
}

function diffMiddle(diff: ArrayDiff, { head, endBefore, endAfter }: Trimmed): void {
  const { before, after, path, operations } = diff;
  if (head === endBefore || head === endAfter) {
    removeRange(head, endBefore, path, operations);
    addRange(after, head, endAfter, path, operations);
    return;
  }
  const positionsBefore = indexRows(before, head, endBefore);
  const positionsAfter = positionsBefore && indexRows(after, head, endAfter);
  if (positionsBefore !== null && positionsAfter !== null) {
    for (const [id, index] of positionsBefore) {
      const indexAfter = positionsAfter.get(id);
      if (indexAfter !== undefined) compareAt(diff, index, indexAfter);
    }
    arrangeRows({ path, start: head, end: endAfter, after, positionsBefore, positionsAfter }, operations);
    return;
  }
  const both = Math.min(endBefore, endAfter);
  if (isShorterAsWhole(before, after, head, both)) {
    operations.push({ op: 'replace', path, value: after as Json });
    return;
  }
  for (let index = head; index < both; index += 1) compareAt(diff, index, index);
  removeRange(both, endBefore, path, operations);
  addRange(after, both, endAfter, path, operations);
}

function compareAt({ before, after, path, compare }: ArrayDiff, index: number, indexAfter: number): void {
  if (before[index] !== after[indexAfter]) compare(before[index], after[indexAfter], `${path}/${index}`);
}

/**
 * Adds the operations that lead from one array to another. Elements with an `id` are followed through insertion,
 * removal and moves; of all others the equal head and tail are left alone and the rest is compared by position.
 */
export function diffArrays(diff: ArrayDiff): void {
  const { before, after, path, operations } = diff;
  const trimmed = trim(before, after);
  const { head, endBefore, endAfter } = trimmed;
  for (let index = 0; index < head; index += 1) compareAt(diff, index, index);
  for (let index = endBefore; index < before.length; index += 1) compareAt(diff, index, index - endBefore + endAfter);
  const start = operations.length;
  diffMiddle(diff, trimmed);
  if ((operations.length - start) * Math.max(before.length, after.length) > mostShiftedElements) {
    operations.length = start;
    operations.push({ op: 'replace', path, value: after as Json });
  }
}
