import { applyPatch } from './apply-patch.ts';
import type { FieldPolicies, FieldPolicy } from './conflict.ts';
import { diff } from './diff.ts';
import type { Json, JsonPatch } from './json.ts';
import type { MergeConflict } from './merge-context.ts';
import { merge } from './merge.ts';
import { assertPlainJson, createPlainJsonGuard } from './plain-json-guard.ts';

/** Differences between versions of plain JSON values: finds, applies and merges them. Holds no state. */
export interface IDiffCalculator {
  /**
   * The JSON Patch (RFC 6902) from one value to another: `[]` when they are equal, otherwise only changed paths. A row put
   * into, taken out of or moved within an array of objects with ids is one operation. Undefined properties count as absent.
   *
   * Throws {@link SyncError} `invalid-entity` with the JSON Pointer of whatever is not plain JSON (a Date, a Map, NaN,
   * undefined in an array, a cycle …), and `too-large` above 64 levels.
   *
   * @example
   * diff({ name: 'Ada', age: 36 }, { name: 'Ada', age: 37 }) // [{ op: 'replace', path: '/age', value: 37 }]
   */
  diff(before: unknown, after: unknown): JsonPatch;
  /**
   * The document after the patch. Never mutates; what the patch does not touch is shared. All operations take effect or none.
   *
   * Throws {@link SyncError} `invalid-patch` with the `path` of the operation when the patch is malformed, hostile, or does
   * not fit the document.
   */
  apply<T>(document: T, patch: JsonPatch): T;
  /**
   * Merges two changed copies over what both were made from. `conflicts` lists every place that both changed differently;
   * there the policy decides, or else the remote side, except that an edit survives a deletion. `policy` is one policy for
   * every such place, or policies by JSON Pointer (`*` for any key or row).
   *
   * Throws {@link SyncError} as {@link IDiffCalculator.diff} does, and `invalid-option` for a policy key that is no JSON
   * Pointer.
   */
  merge(
    base: Json | undefined,
    local: Json,
    remote: Json,
    policy?: FieldPolicies | FieldPolicy,
  ): { merged: Json; conflicts: readonly MergeConflict[] };
}

function isOnePolicy(policy: FieldPolicies | FieldPolicy): policy is FieldPolicy {
  return typeof policy === 'string' || typeof policy === 'function';
}

/** Creates an {@link IDiffCalculator}. */
export function createDiffCalculator(): IDiffCalculator {
  return {
    diff(before, after) {
      return diff(before, after, createPlainJsonGuard(before, after));
    },
    apply: (document, patch) => applyPatch(document, patch),
    merge(base, local, remote, policy) {
      if (base !== undefined) assertPlainJson(base, 'The base');
      assertPlainJson(local, 'The local value');
      assertPlainJson(remote, 'The remote value');
      if (policy === undefined) return merge(base, local, remote);
      return merge(base, local, remote, isOnePolicy(policy) ? { otherwise: policy } : { policies: policy });
    },
  };
}
