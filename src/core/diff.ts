import { compareValues, type DiffGuard } from './compare-values.ts';
import type { ISyncEntity } from './entity.ts';
import type { JsonPatch, JsonPatchOperation } from './json.ts';
import { contentOf } from './metadata.ts';

/**
 * The JSON Patch (RFC 6902) that leads from one plain JSON value to another: `[]` when they are equal, otherwise only
 * changed paths. Properties that are undefined count as absent. Elements of arrays that have an `id` are followed: a row
 * put in, taken out or moved is one operation, an edit has its path inside the row. Very large differences become one
 * `replace` of the value around them. Values in the patch are shared with `after`; shared parts cost nothing.
 *
 * Only a `guard` looks at whether the values are plain JSON; it is asked about every part before that is gone into.
 */
export function diff(before: unknown, after: unknown, guard: DiffGuard | null = null): JsonPatch {
  const operations: JsonPatchOperation[] = [];
  if (before !== after) compareValues({ operations, guard }, before, after, '', 0);
  else guard?.check(before, 0);
  return operations;
}

/** As {@link diff}, without metadata (top-level `updatedAt` and `version`). */
export function diffEntity(before: ISyncEntity, after: ISyncEntity): JsonPatch {
  // Operations are kept: an array that grew by pushing has room for 17.
  return before === after ? [] : diff(contentOf(before), contentOf(after)).slice();
}
