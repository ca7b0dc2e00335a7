import { diffArrays } from './diff-arrays.ts';
import type { Json, JsonPatchOperation } from './json.ts';
import { escapeToken } from './pointer.ts';

type Properties = Readonly<Record<string, unknown>>;

/** Looks at the parts of values of unknown origin that a comparison passes by. Throws to refuse them. */
export interface DiffGuard {
  /** Called for every pair of objects before it is compared; `depth` counts the objects and arrays around it. */
  enter(before: object, after: object, depth: number): void;
  /** Called for arrays, and for what stands on one side only or on both as the same object. */
  check(value: unknown, depth: number): void;
}

/** One comparison under way. */
export interface Comparison {
  readonly operations: JsonPatchOperation[];
  /** Null for values that are known to be plain JSON. */
  readonly guard: DiffGuard | null;
}

const mostOperations = 50_000;

function isPassable(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

function countEnumerable(value: Properties): number {
  let count = 0;
  for (const key in value) count += key === undefined ? 0 : 1;
  return count;
}

function addMissing(
  { operations, guard }: Comparison,
  before: Properties,
  after: Properties,
  path: string,
  depth: number,
): void {
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (value === undefined || (Object.hasOwn(before, key) && before[key] !== undefined)) continue;
    guard?.check(value, depth);
    operations.push({ op: 'add', path: `${path}/${escapeToken(key)}`, value: value as Json });
  }
}

function compareObjects(
  comparison: Comparison,
  before: Properties,
  after: Properties,
  path: string,
  depth: number,
): void {
  const { operations, guard } = comparison;
  guard?.enter(before, after, depth);
  let kept = 0;
  for (const key in before) {
    const old = before[key];
    const value = after[key];
    if (old === value && isPassable(old)) {
      kept += 1;
      continue;
    }
    if (old === undefined || !Object.hasOwn(before, key)) continue;
    if (value === undefined || !Object.hasOwn(after, key)) {
      guard?.check(old, depth + 1);
      operations.push({ op: 'remove', path: `${path}/${escapeToken(key)}` });
      continue;
    }
    kept += 1;
    if (old !== value) compareValues(comparison, old, value, `${path}/${escapeToken(key)}`, depth + 1);
    else guard?.check(old, depth + 1);
  }
  if (countEnumerable(after) !== kept) addMissing(comparison, before, after, path, depth + 1);
}

function compareArrays(
  comparison: Comparison,
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  depth: number,
): void {
  const { operations, guard } = comparison;
  guard?.check(before, depth);
  guard?.check(after, depth);
  const checked: Comparison = guard === null ? comparison : { operations, guard: null };
  const compare = (old: unknown, value: unknown, at: string): void => compareValues(checked, old, value, at, depth + 1);
  diffArrays({ before, after, path, operations, compare });
}

/**
 * Adds the operations that lead from one value to another that is not the same. `depth` counts the objects and arrays
 * around them.
 */
export function compareValues(
  comparison: Comparison,
  before: unknown,
  after: unknown,
  path: string,
  depth: number,
): void {
  const { operations, guard } = comparison;
  const start = operations.length;
  if (typeof before === 'object' && typeof after === 'object' && before !== null && after !== null) {
    const isArray = Array.isArray(before);
    if (isArray === Array.isArray(after)) {
      if (isArray) compareArrays(comparison, before, after as readonly unknown[], path, depth);
      else compareObjects(comparison, before as Properties, after as Properties, path, depth);
      if (operations.length - start <= mostOperations) return;
      operations.length = start;
      operations.push({ op: 'replace', path, value: after as Json });
      return;
    }
  }
  guard?.check(before, depth);
  guard?.check(after, depth);
  operations.push({ op: 'replace', path, value: after as Json });
}
