/** Why a value is not acceptable as JSON, and where. */
export interface JsonOffender {
  readonly reason: 'not-json' | 'cycle' | 'too-deep';
  readonly tokens: readonly string[];
  readonly value: unknown;
}

interface Search {
  readonly levels: number;
  readonly tokens: string[];
  readonly containers: object[];
  visits: number;
}

const mostVisits = 1_000_000;

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
  search.visits += 1;
  if (isJsonScalar(value) || search.visits > mostVisits) return null;
  if (typeof value !== 'object' || value === null) return offender(search, 'not-json', value);
  if (!Array.isArray(value) && !isPlainObject(value)) return offender(search, 'not-json', value);
  if (search.containers.includes(value)) return offender(search, 'cycle', value);
  if (search.containers.length === search.levels) return offender(search, 'too-deep', value);
  search.containers.push(value);
  const found = searchWithin(search, value);
  search.containers.pop();
  return found;
}

/**
 * The first part of a value, in the order of its properties, that is not plain JSON or lies below so many levels; null when
 * there is none among its first million parts.
 */
export function findOffender(value: unknown, levels: number): JsonOffender | null {
  return searchValue({ levels, tokens: [], containers: [], visits: 0 }, value);
}
