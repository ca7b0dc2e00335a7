import type { FieldPolicies } from '../../src/core/conflict.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';

/**
 * What the model writes. Each write sets a field of its own, named after it, and raises `count` by one, so that an effect that is
 * lost, or that happened twice, shows in the entity itself. Odd ones put their name into `last`, too: there two writers
 * contradict each other.
 */
export interface MarkedEntity extends ISyncEntity {
  readonly count: number;
  readonly last?: string;
}

export const collection = 'tasks';
export const entityId = 'x';

export const policies: FieldPolicies = { '/count': 'counter' };

/** What a write makes of what is shown. */
export function marked(view: ISyncEntity | null, mark: string): MarkedEntity {
  const { version: _, ...shown } = (view ?? { id: entityId, updatedAt: '', count: 0 }) as MarkedEntity;
  const last = isLoud(mark) ? { last: mark } : {};
  return { ...shown, count: shown.count + 1, ...last, [mark]: true };
}

/** Names of the writes that an entity shows, of each writer the earlier first. */
export function marksOf(entity: object | null | undefined): readonly string[] {
  return Object.keys(entity ?? {})
    .filter((field) => /^[a-z]\d$/.test(field))
    .toSorted();
}

export function countOf(entity: object | null | undefined): number {
  return (entity as MarkedEntity | null | undefined)?.count ?? 0;
}

export function lastOf(entity: object | null | undefined): string | null {
  return (entity as MarkedEntity | null | undefined)?.last ?? null;
}

/** Whether the write contradicts others. */
function isLoud(mark: string): boolean {
  return Number(mark.slice(1)) % 2 === 1;
}
