import { SyncError } from '../../core/errors.ts';
import { equalJson } from '../../core/equal.ts';
import { isObject, type Json, type JsonObject, type JsonPatch } from '../../core/json.ts';
import { formatPointer, parsePointer } from '../../core/pointer.ts';
import { memberAt, withMember } from './member.ts';

/**
 * The merge patch (RFC 7396) that does what a JSON Patch does whose result is known. Arrays are replaced as a whole. Null when it cannot be
 * told without the state before: an object took the place of another.
 *
 * Throws `invalid-patch` for a null in the result: a merge patch would remove it.
 */
export function mergePatchOf(patch: JsonPatch, result: JsonObject): JsonObject | null {
  let merge: JsonObject = {};
  for (const step of patch) {
    const paths = step.op === 'test' ? [] : step.op === 'move' ? [step.from, step.path] : [step.path];
    for (const path of paths) {
      const tokens = objectPath(parsePointer(path), result);
      const value = memberAt(result, tokens);
      if (tokens.length === 0 || (step.op === 'replace' && isObject(value))) return null;
      merge = withMember(merge, tokens, value === undefined ? null : carried(value as Json, tokens));
    }
  }
  return merge;
}

/** The merge patch (RFC 7396) from one object to another. Throws as {@link mergePatchOf}. */
export function mergePatchBetween(before: JsonObject, after: JsonObject): JsonObject {
  return mergePatchAt([], before, after);
}

function mergePatchAt(tokens: readonly string[], before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const changed = Object.keys(after).flatMap((key): (readonly [string, Json])[] => {
    const [old, value] = [Object.hasOwn(before, key) ? before[key] : undefined, after[key] as Json];
    const path = [...tokens, key];
    if (old !== undefined && equalJson(old, value)) return [];
    if (isObject(old) && isObject(value)) return [[key, mergePatchAt(path, old as JsonObject, value as JsonObject)]];
    return [[key, carried(value, path)]];
  });
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...changed]);
}

/** The path up to the first array, or to where nothing is any more. */
function objectPath(tokens: readonly string[], result: JsonObject): readonly string[] {
  for (let length = 1; length < tokens.length; length += 1) {
    if (!isObject(memberAt(result, tokens.slice(0, length)))) return tokens.slice(0, length);
  }
  return tokens;
}

function carried(value: Json, tokens: readonly string[]): Json {
  if (value === null) throw nullInside(tokens);
  if (isObject(value)) for (const [key, inner] of Object.entries(value)) carried(inner as Json, [...tokens, key]);
  return value;
}

function nullInside(tokens: readonly string[]): SyncError {
  const path = formatPointer(tokens);
  return new SyncError(
    'invalid-patch',
    `A merge patch cannot carry null: it would remove ${path}. Use update: 'json-patch' or 'PUT', or leave the field out.`,
    { path },
  );
}
