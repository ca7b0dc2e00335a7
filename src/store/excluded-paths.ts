import { isObject, type Json } from '../core/json.ts';
import { parsePointer } from '../core/pointer.ts';

/** The tokens of a pointer to a member of objects. */
export type Tokens = readonly string[];

const row = /^(?:0|[1-9]\d*|-|\*)$/;

/**
 * A pointer into an array, by an index or by `*` for any row, excludes the array: its rows move, and what is excluded would
 * move out of the pointer's reach. An entity itself is no array.
 */
export function readExcluded(pointer: string): Tokens {
  const tokens = parsePointer(pointer);
  const end = tokens.findIndex((token, at) => at > 0 && row.test(token));
  return end < 0 ? tokens : tokens.slice(0, end);
}

export function startsWith(path: Tokens, start: Tokens): boolean {
  return start.length <= path.length && start.every((token, at) => path[at] === token);
}

export function hasAt(value: Json, [head, ...rest]: Tokens): boolean {
  if (head === undefined) return true;
  if (!isObject(value) || !Object.hasOwn(value, head)) return false;
  return hasAt(value[head] as Json, rest);
}

/** The value without the member; the same one when it has none. */
export function cutAt(value: Json, [head, ...rest]: Tokens): Json {
  if (head === undefined || !isObject(value) || !Object.hasOwn(value, head)) return value;
  const { [head]: member, ...others } = value;
  if (rest.length === 0) return others;
  const cut = cutAt(member as Json, rest);
  return cut === member ? value : { ...value, [head]: cut };
}

/** The value, with the member that `from` has where the value has none. */
export function fillAt(value: Json, from: Json, [head, ...rest]: Tokens): Json {
  if (head === undefined || !isObject(value) || !isObject(from) || !Object.hasOwn(from, head)) return value;
  if (!Object.hasOwn(value, head)) return rest.length === 0 ? { ...value, [head]: from[head] as Json } : value;
  return rest.length === 0 ? value : { ...value, [head]: fillAt(value[head] as Json, from[head] as Json, rest) };
}
