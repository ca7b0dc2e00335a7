import { isObject } from './json.ts';

/** What tells one row of an array from the others. */
export type RowId = string | number;

/** The id of an element that is an object with an own `id` of type string or number, or undefined. */
export function rowIdOf(element: unknown): RowId | undefined {
  if (!isObject(element) || !Object.hasOwn(element, 'id')) return undefined;
  const { id } = element;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/**
 * Position by id of the elements from `start` to before `end`, in order, or null when one of them is no row or an id
 * comes twice. The string `'1'` and the number `1` are two ids.
 */
export function indexRows(
  elements: readonly unknown[],
  start = 0,
  end: number = elements.length,
): Map<RowId, number> | null {
  const positions = new Map<RowId, number>();
  for (let index = start; index < end; index += 1) {
    const id = rowIdOf(elements[index]);
    if (id === undefined || positions.has(id)) return null;
    positions.set(id, index);
  }
  return positions;
}
