import type { FieldPolicy } from './conflict.ts';
import { decideField, type Side, type Sides } from './decide-field.ts';
import type { PolicyScope } from './field-policy.ts';
import type { Json } from './json.ts';

/** One place that both sides changed differently. Undefined: not there. */
export interface MergeConflict {
  /**
   * JSON Pointer. A row of an array is named by its index on the remote side, or on the local side if the remote one
   * does not have it.
   */
  readonly path: string;
  readonly base: Json | undefined;
  readonly local: Json | undefined;
  readonly remote: Json | undefined;
  /** The app has to decide: the policy says so, or it failed. */
  readonly manual?: true;
}

/** One merge under way. */
export interface Merging {
  readonly later: Side;
  readonly otherwise: FieldPolicy | undefined;
  readonly conflicts: MergeConflict[];
  /** Merges one place, and gives undefined where nothing is left of it. */
  mergeAt(sides: Sides, path: string, scope: PolicyScope): Json | undefined;
}

/** Notes the place as one that both sides changed. */
export function noteConflict(merging: Merging, sides: Sides, path: string, manual: boolean): void {
  merging.conflicts.push({ path, ...sides, ...(manual && { manual: true }) });
}

/** Decides a place that cannot be merged any further, and notes it. */
export function decideAt(
  merging: Merging,
  sides: Sides,
  path: string,
  policy: FieldPolicy | undefined,
): Json | undefined {
  const { value, manual } = decideField(sides, policy, merging.later);
  noteConflict(merging, sides, path, manual);
  return value;
}
