import type { FieldPolicies, FieldPolicy } from './conflict.ts';
import type { Side, Sides } from './decide-field.ts';
import type { ISyncEntity } from './entity.ts';
import { equalJson } from './equal.ts';
import { type PolicyScope, readPolicies } from './field-policy.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { decideAt, type MergeConflict, type Merging, noteConflict } from './merge-context.ts';
import { mergeRows, readRowSides } from './merge-rows.ts';
import { contentOf } from './metadata.ts';
import { escapeToken } from './pointer.ts';

/** How contested places are decided. */
export interface MergeOptions {
  readonly policies?: FieldPolicies | undefined;
  /** The side that wins where both changed a place and no policy speaks. Default `'remote'`. */
  readonly later?: Side | undefined;
  /** The policy of every place that has none of its own and cannot be merged any further. */
  readonly otherwise?: FieldPolicy | undefined;
}

/** The outcome of a three-way merge. */
export interface Merge {
  readonly merged: Json;
  /** Every place that both sides changed differently, also where a policy decided. */
  readonly conflicts: readonly MergeConflict[];
}

const empty: JsonObject = {};

function propertyOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function mergeObjects(
  merging: Merging,
  sides: { base: JsonObject; local: JsonObject; remote: JsonObject },
  path: string,
  scope: PolicyScope,
): Json {
  const { base, local, remote } = sides;
  const merged: [string, Json][] = [];
  let isRemote = true;
  const mergeKey = (key: string): void => {
    const property = { base: propertyOf(base, key), local: propertyOf(local, key), remote: propertyOf(remote, key) };
    const value = merging.mergeAt(property, `${path}/${escapeToken(key)}`, scope.child(key));
    if (value !== property.remote) isRemote = false;
    if (value !== undefined) merged.push([key, value]);
  };
  for (const key of Object.keys(remote)) mergeKey(key);
  for (const key of Object.keys(local)) if (!Object.hasOwn(remote, key)) mergeKey(key);
  return isRemote ? remote : Object.fromEntries(merged);
}

function mergeValues(merging: Merging, sides: Sides, path: string, scope: PolicyScope): Json | undefined {
  const { base, local, remote } = sides;
  if (equalJson(base, local)) return remote;
  if (equalJson(base, remote)) return local;
  const isAlike = equalJson(local, remote);
  if (isAlike && !scope.counts) return remote;
  const rows = scope.policy === undefined || scope.policy === 'union' ? readRowSides(sides) : null;
  if (rows !== null) {
    if (scope.policy === 'union') noteConflict(merging, sides, path, false);
    return mergeRows(merging, rows, sides, path, scope);
  }
  if (scope.policy !== undefined && !(isAlike && typeof local !== 'number')) {
    return decideAt(merging, sides, path, scope.policy);
  }
  if (isObject(local) && isObject(remote)) {
    return mergeObjects(merging, { base: isObject(base) ? base : empty, local, remote }, path, scope);
  }
  return isAlike ? remote : decideAt(merging, sides, path, merging.otherwise);
}

function startMerge(options: MergeOptions): { merging: Merging; scope: PolicyScope } {
  const merging: Merging = {
    later: options.later ?? 'remote',
    otherwise: options.otherwise,
    conflicts: [],
    mergeAt: (sides, path, scope) => mergeValues(merging, sides, path, scope),
  };
  return { merging, scope: readPolicies(options.policies) };
}

/**
 * Merges two changed copies of a plain JSON value over what both were made from. What one side changed is kept; objects
 * are merged by property and arrays of objects with ids by row; what remains is a conflict, decided by the field's
 * policy, else by the later side, except that an edit survives a deletion. A policy stands at its place before anything
 * below it is merged. Two changes alike are one, except of a counter, where both count. No base (null or undefined) counts as an empty object. Nothing is changed; parts are shared.
 *
 * Throws {@link SyncError} `invalid-option` for a policy whose key is no JSON Pointer.
 */
export function merge(base: Json | undefined, local: Json, remote: Json, options: MergeOptions = {}): Merge {
  const { merging, scope } = startMerge(options);
  const merged = merging.mergeAt({ base: base ?? undefined, local, remote }, '', scope);
  return { merged: merged ?? null, conflicts: merging.conflicts };
}

/** The outcome of merging an entity. */
export interface EntityMerge {
  /** The merged content under the metadata of the remote side; the remote entity itself when nothing was added to it. */
  readonly entity: ISyncEntity;
  readonly conflicts: readonly MergeConflict[];
}

/** As {@link merge}, for entities: metadata (top-level `updatedAt` and `version`) takes no part and is that of `remote`. */
export function mergeEntity(
  base: ISyncEntity | null,
  local: ISyncEntity,
  remote: ISyncEntity,
  options: MergeOptions = {},
): EntityMerge {
  const remoteContent = contentOf(remote);
  const { merged, conflicts } = merge(
    base === null ? empty : contentOf(base),
    contentOf(local),
    remoteContent,
    options,
  );
  if (merged === remoteContent) return { entity: remote, conflicts };
  const { updatedAt, version } = remote;
  const entity = { ...(merged as JsonObject), updatedAt, ...(version !== undefined && { version }) };
  return { entity: entity as unknown as ISyncEntity, conflicts };
}
