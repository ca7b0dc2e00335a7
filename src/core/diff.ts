import { diffArrays } from './diff-arrays.ts';
import type { ISyncEntity } from './entity.ts';
import type { Json, JsonPatch, JsonPatchOperation } from './json.ts';
import { contentOf } from './metadata.ts';
import { escapeToken } from './pointer.ts';

type Properties = Readonly<Record<string, unknown>>;

const mostOperations = 50_000;

function diffObjects(before: Properties, after: Properties, path: string, operations: JsonPatchOperation[]): void {
  let kept = 0;
  for (const key of Object.keys(before)) {
    const old = before[key];
    if (old === undefined) continue;
    const value = Object.hasOwn(after, key) ? after[key] : undefined;
    if (value === undefined) {
      operations.push({ op: 'remove', path: `${path}/${escapeToken(key)}` });
      continue;
    }
    kept += 1;
    if (old !== value) diffValues(old, value, `${path}/${escapeToken(key)}`, operations);
  }
  const keys = Object.keys(after);
  if (keys.length === kept) return;
  for (const key of keys) {
    const value = after[key];
    if (value === undefined || (Object.hasOwn(before, key) && before[key] !== undefined)) continue;
    operations.push({ op: 'add', path: `${path}/${escapeToken(key)}`, value: value as Json });
  }
}

function diffValues(before: unknown, after: unknown, path: string, operations: JsonPatchOperation[]): void {
  const start = operations.length;
  if (typeof before === 'object' && typeof after === 'object' && before !== null && after !== null) {
    const isArray = Array.isArray(before);
    if (isArray === Array.isArray(after)) {
      if (isArray) diffArrays({ before, after: after as readonly unknown[], path, operations, diffValues });
      else diffObjects(before as Properties, after as Properties, path, operations);
      if (operations.length - start <= mostOperations) return;
      operations.length = start;
    }
  }
  operations.push({ op: 'replace', path, value: after as Json });
}

/**
 * The JSON Patch (RFC 6902) that leads from one plain JSON value to another: `[]` when they are equal, otherwise only
 * changed paths. Properties that are undefined count as absent. Elements of arrays that have an `id` are followed: a row
 * put in, taken out or moved is one operation, an edit has its path inside the row. Very large differences become one
 * `replace` of the value around them. Values in the patch are shared with `after`; equal shared parts cost nothing.
 *
 * Neither value is checked: see `createDiffCalculator` for input of unknown origin.
 */
export function diff(before: unknown, after: unknown): JsonPatch {
  const operations: JsonPatchOperation[] = [];
  if (before !== after) diffValues(before, after, '', operations);
  return operations;
}

/** As {@link diff}, without metadata (top-level `updatedAt` and `version`). */
export function diffEntity(before: ISyncEntity, after: ISyncEntity): JsonPatch {
  return before === after ? [] : diff(contentOf(before), contentOf(after));
}
