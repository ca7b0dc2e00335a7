/** Why a value is not acceptable as JSON, and where. */
export interface JsonOffender {
  readonly reason: 'not-json' | 'cycle' | 'too-deep' | 'too-long';
  readonly tokens: readonly string[];
  readonly value: unknown;
}

/** What a value may be at most. */
export interface JsonLimits {
  /** Objects and arrays inside each other. */
  readonly levels: number;
  /** Lower bound of the length of the JSON text, in characters. */
  readonly length: number;
}

interface Search {
  readonly limits: JsonLimits;
  readonly tokens: string[];
  readonly containers: object[];
  visited: number;
}

/** Whether an object is one that JSON has: no instance of a class. Objects of other realms and without prototype count. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isJsonScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function offender(search: Search, reason: JsonOffender['reason'], value: unknown): JsonOffender {
  return { reason, tokens: [...search.tokens], value };
}

function searchWithin(search: Search, container: object): JsonOffender | null {
  const isArray = Array.isArray(container);
  const keys = isArray ? container.keys() : Object.keys(container);
  for (const key of keys) {
    const value = (container as Readonly<Record<string | number, unknown>>)[key];
    if (value === undefined && !isArray) continue;
    search.tokens.push(String(key));
    const found = searchValue(search, value);
    if (found !== null) return found;
    search.tokens.pop();
  }
  return null;
}

function searchValue(search: Search, value: unknown): JsonOffender | null {
  search.visited += 1;
  if (search.visited > search.limits.length) return { reason: 'too-long', tokens: [], value };
  if (isJsonScalar(value)) return null;
  if (typeof value !== 'object' || value === null) return offender(search, 'not-json', value);
  if (!Array.isArray(value) && !isPlainObject(value)) return offender(search, 'not-json', value);
  if (search.containers.includes(value)) return offender(search, 'cycle', value);
  if (search.containers.length === search.limits.levels) return offender(search, 'too-deep', value);
  search.containers.push(value);
  const found = searchWithin(search, value);
  search.containers.pop();
  return found;
}

/** The first part of a value that {@link takeJson} does not accept under the same limits. */
export function findOffender(value: unknown, limits: JsonLimits): JsonOffender {
  const search: Search = { limits, tokens: [], containers: [], visited: 0 };
  return searchValue(search, value) ?? { reason: 'too-long', tokens: [], value };
}
