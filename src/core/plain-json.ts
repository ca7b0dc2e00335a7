import type { Json } from './json.ts';
import { cyclic, notJson, type RefusalContext, tooDeep, tooLong } from './json-refusal.ts';

/** Objects and arrays inside each other, at most. */
export const maxDepth = 64;

/** How a value is walked and what is said when it is refused. */
export interface WalkOptions extends RefusalContext {
  /** A copy protects from what the caller does to the value later; without it the value is only looked at. */
  readonly copies: boolean;
  /** Above this lower bound of its JSON text, in characters, a value is refused. */
  readonly maxLength: number;
  /** Objects and arrays around the value. Default 0. */
  readonly depth?: number;
}

interface Walk {
  readonly options: WalkOptions;
  readonly copies: boolean;
  readonly maxLength: number;
  readonly startDepth: number;
  readonly tokens: (string | number)[];
  readonly containers: object[];
  length: number;
}

/** The value or its copy, and a lower bound of the length of its JSON text in characters. */
export interface Walked {
  readonly value: Json;
  readonly length: number;
}

type Properties = Record<string, unknown>;

function fail(walk: Walk, depth: number, key: string | number, value: unknown): never {
  throw notJson(walk.options, [...walk.tokens.slice(0, depth), key], value);
}

function enter(walk: Walk, container: object, depth: number): void {
  walk.containers[depth] = container;
  if (walk.startDepth + depth < maxDepth) return;
  const path = walk.containers.slice(0, depth + 1);
  const repeated = path.findIndex((each, index) => path.indexOf(each) < index);
  if (repeated !== -1) throw cyclic(walk.options, walk.tokens.slice(0, repeated));
  throw tooDeep(walk.options, walk.tokens.slice(0, depth), maxDepth);
}

function grow(walk: Walk, length: number): void {
  walk.length += length;
  if (walk.length > walk.maxLength) throw tooLong(walk.options, walk.maxLength);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function lengthOfScalar(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2;
    case 'number':
      return Number.isFinite(value) ? 1 : -1;
    case 'boolean':
      return 4;
    default:
      return value === null ? 4 : -1;
  }
}

function walkArray(walk: Walk, source: readonly unknown[], depth: number): readonly unknown[] {
  enter(walk, source, depth);
  const { length } = source;
  grow(walk, length + 1);
  const target: unknown[] = walk.copies ? [...source] : (source as unknown[]);
  for (let index = 0; index < length; index += 1) {
    const value = target[index];
    if (typeof value === 'object' && value !== null) {
      walk.tokens[depth] = index;
      const walked = walkContainer(walk, value, depth + 1);
      if (walk.copies) target[index] = walked;
      continue;
    }
    const size = lengthOfScalar(value);
    if (size === -1) fail(walk, depth, index, value);
    if (walk.copies && value === 0) target[index] = 0;
    grow(walk, size);
  }
  return target;
}

function walkObject(walk: Walk, source: Properties, depth: number): Properties {
  enter(walk, source, depth);
  const target: Properties = walk.copies ? { ...source } : source;
  const keys = Object.keys(target);
  let absent = 0;
  for (const key of keys) {
    const value = target[key];
    if (typeof value === 'object' && value !== null) {
      walk.tokens[depth] = key;
      const walked = walkContainer(walk, value, depth + 1);
      if (walk.copies) target[key] = walked;
    } else if (value === undefined) {
      absent += 1;
      continue;
    } else {
      const size = lengthOfScalar(value);
      if (size === -1) fail(walk, depth, key, value);
      if (walk.copies && value === 0) target[key] = 0;
      walk.length += size;
    }
    grow(walk, key.length + 4);
  }
  return absent === 0 || !walk.copies ? target : withoutAbsent(target);
}

function withoutAbsent(source: Properties): Properties {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
}

function walkContainer(walk: Walk, value: object, depth: number): unknown {
  if (Array.isArray(value)) return walkArray(walk, value, depth);
  if (!isPlain(value)) throw notJson(walk.options, walk.tokens.slice(0, depth), value);
  return walkObject(walk, value as Properties, depth);
}

/**
 * Goes through a value once and refuses whatever is not plain JSON with the JSON Pointer of the offender. Properties
 * that are undefined count as absent and are left out of a copy; a property named `__proto__` is data like any other.
 * The time is bound by the size of the value and by `maxLength`, also for values that share parts or contain themselves.
 *
 * Throws {@link SyncError} with `options.code`, or `options.limitCode` for depth and length.
 */
export function walkJson(value: unknown, options: WalkOptions): Walked {
  const { copies, maxLength, depth: startDepth = 0 } = options;
  const walk: Walk = { options, copies, maxLength, startDepth, tokens: [], containers: [], length: 0 };
  if (typeof value === 'object' && value !== null) {
    const walked = walkContainer(walk, value, 0) as Json;
    return { value: walked, length: walk.length };
  }
  const length = lengthOfScalar(value);
  if (length === -1) throw notJson(options, [], value);
  grow(walk, length);
  return { value: (value === 0 ? 0 : value) as Json, length };
}
