import type { ISyncEntity } from './entity.ts';
import { isMetadata } from './metadata.ts';

type Properties = Readonly<Record<string, unknown>>;

function countDefined(value: Properties): number {
  let count = 0;
  for (const key of Object.keys(value)) if (value[key] !== undefined) count += 1;
  return count;
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (!equalJson(a[index], b[index])) return false;
  return true;
}

function equalObjects(a: Properties, b: Properties): boolean {
  let shared = 0;
  for (const key of Object.keys(a)) {
    const value = a[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(b, key) || !equalJson(value, b[key])) return false;
    shared += 1;
  }
  const keys = Object.keys(b);
  return keys.length === shared || countDefined(b) === shared;
}

/**
 * Whether two plain JSON values say the same. The order of properties does not matter, and a property that is
 * `undefined` counts as absent. Parts that both values share are not looked into.
 */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b);
  return !Array.isArray(b) && equalObjects(a as Properties, b as Properties);
}

function hasSameContent(a: Properties, b: Properties): boolean {
  for (const key of Object.keys(a)) {
    if (isMetadata(key) || a[key] === undefined) continue;
    if (!Object.hasOwn(b, key) || !equalJson(a[key], b[key])) return false;
  }
  return true;
}

/** Whether two states of an entity say the same, their metadata (top-level `updatedAt` and `version`) apart. */
export function equalEntity(a: ISyncEntity | null, b: ISyncEntity | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  const left = a as unknown as Properties;
  const right = b as unknown as Properties;
  if (!hasSameContent(left, right)) return false;
  for (const key of Object.keys(right)) {
    if (!isMetadata(key) && right[key] !== undefined && (!Object.hasOwn(left, key) || left[key] === undefined))
      return false;
  }
  return true;
}
