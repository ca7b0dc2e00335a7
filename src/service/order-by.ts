import type { ISyncEntity } from '../core/entity.ts';
import type { QueryOptions } from './collection.ts';

export type Compare = (a: ISyncEntity, b: ISyncEntity) => number;

const byId: Compare = (a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);

/**
 * The order of a query's rows. Ties are broken by id, in code-unit order, so that every row has one place. Absent values come
 * last in both directions, values of different types by the name of their type.
 */
export function compareBy(orderBy: QueryOptions<ISyncEntity>['orderBy']): Compare {
  if (orderBy === undefined) return byId;
  if (typeof orderBy === 'function') return (a, b) => orderBy(a, b) || byId(a, b);
  const { field, direction = 'asc' } = typeof orderBy === 'string' ? { field: orderBy } : orderBy;
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => compareValues(a[field], b[field], sign) || byId(a, b);
}

function compareValues(a: unknown, b: unknown, sign: number): number {
  if (isAbsent(a) || isAbsent(b)) return Number(isAbsent(a)) - Number(isAbsent(b));
  if (typeof a !== typeof b) return sign * (typeof a < typeof b ? -1 : 1);
  if (typeof a === 'object' || a === b) return 0;
  return sign * ((a as string | number) < (b as string | number) ? -1 : 1);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
