import { isObject, type Json, type JsonObject } from '../../core/json.ts';

/** What stands at a JSON Pointer's tokens in parsed JSON; undefined when nothing does. Only own members count. */
export function memberAt(value: unknown, tokens: readonly string[]): unknown {
  let member = value;
  for (const token of tokens) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, token)) return undefined;
    member = (member as Readonly<Record<string, unknown>>)[token];
  }
  return member;
}

/** A copy with a member put in, together with the objects on the way to it. */
export function withMember(object: JsonObject, tokens: readonly string[], value: Json): JsonObject {
  const [first, ...rest] = tokens;
  if (first === undefined) return isObject(value) ? (value as JsonObject) : object;
  if (rest.length === 0) return { ...object, [first]: value };
  const inner = Object.hasOwn(object, first) ? object[first] : undefined;
  return { ...object, [first]: withMember(isObject(inner) ? (inner as JsonObject) : {}, rest, value) };
}

/** A copy without a member. Objects that are left empty stay. */
export function withoutMember(object: JsonObject, tokens: readonly string[]): JsonObject {
  const [first, ...rest] = tokens;
  if (first === undefined || !Object.hasOwn(object, first)) return object;
  const { [first]: inner, ...others } = object;
  if (rest.length === 0) return others;
  return isObject(inner) ? { ...object, [first]: withoutMember(inner as JsonObject, rest) } : object;
}
