import type { Json } from './json.ts';
import { isPlainObject } from './json-offender.ts';

/** What a value may be at most. */
export interface JsonLimits {
  /** Objects and arrays inside each other. */
  readonly levels: number;
  /** Lower bound of the length of the JSON text, in characters. */
  readonly length: number;
}

/** A value that is plain JSON, and a lower bound of the length of its JSON text in characters. */
export interface TakenJson {
  readonly value: Json;
  readonly length: number;
}

interface Taking {
  readonly copies: boolean;
  readonly maxLength: number;
  length: number;
}

type Properties = Record<string, unknown>;

const refused = Symbol('refused');

function takeArray(source: readonly unknown[], levels: number, taking: Taking): unknown {
  taking.length += source.length + 1;
  if (levels === 0 || taking.length > taking.maxLength) return refused;
  const target: unknown[] = taking.copies ? [...source] : (source as unknown[]);
  for (let index = 0; index < source.length; index += 1) {
    const value = target[index];
    const taken = takeValue(value, levels - 1, taking);
    if (taken === refused) return refused;
    if (taking.copies && !Object.is(taken, value)) target[index] = taken;
  }
  return target;
}

function takeObject(source: Properties, levels: number, taking: Taking): unknown {
  if (levels === 0 || !isPlainObject(source)) return refused;
  const target: Properties = taking.copies ? { ...source } : source;
  let absent = false;
  let length = 1;
  for (const key in target) {
    const value = target[key];
    if (typeof value === 'string') length += value.length + 2;
    else if (typeof value === 'number' && value !== 0 && Number.isFinite(value)) length += 1;
    else if (value === undefined) {
      absent = true;
      continue;
    } else if (typeof value !== 'boolean') {
      if (!Object.hasOwn(target, key)) continue;
      const taken = takeValue(value, levels - 1, taking);
      if (taken === refused) return refused;
      if (taking.copies && !Object.is(taken, value)) target[key] = taken;
    }
    length += key.length + 4;
  }
  taking.length += length;
  if (taking.length > taking.maxLength) return refused;
  return absent && taking.copies ? withoutAbsent(target) : target;
}

function withoutAbsent(source: Properties): Properties {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
}

function takeValue(value: unknown, levels: number, taking: Taking): unknown {
  switch (typeof value) {
    case 'string':
      taking.length += value.length + 2;
      return value;
    case 'number':
      taking.length += 1;
      return Number.isFinite(value) ? value + 0 : refused;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return value;
      return Array.isArray(value) ? takeArray(value, levels, taking) : takeObject(value as Properties, levels, taking);
    default:
      return refused;
  }
}

/**
 * Goes through a value once. `'unfit'`: it is not plain JSON, or has too many levels; `'too-long'`: it is beyond the length.
 * A copy shares nothing with the value, has no undefined properties and no negative zero; without `copies` the value
 * itself is given. A property named `__proto__` is data like any other. The time is bound by the limits, also for values
 * that contain themselves.
 */
export function takeJson(value: unknown, limits: JsonLimits, copies: boolean): TakenJson | 'unfit' | 'too-long' {
  const taking: Taking = { copies, maxLength: limits.length, length: 0 };
  const taken = takeValue(value, limits.levels, taking);
  if (taking.length > limits.length) return 'too-long';
  return taken === refused ? 'unfit' : { value: taken as Json, length: taking.length };
}
