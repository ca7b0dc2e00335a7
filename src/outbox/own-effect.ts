import { equalEntity } from '../core/equal.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { mergeEntity } from '../core/merge.ts';
import { complete } from '../store/complete.ts';
import type { EntityState } from '../store/entity-state.ts';
import type { EntityStep } from '../store/entry.ts';
import { viewAfter } from '../store/entity-transition.ts';
import { isLater } from '../store/versions.ts';

/** What acknowledges a request. `now`: what the backend shows besides, which meets what waits behind it as anybody's change does (S10). */
export interface OwnEffect {
  readonly base: Base;
  readonly now?: Base;
}

/** The effect of the request that is out in a state of the backend; null: it does not show it. */
export function ownEffectIn(before: EntityState, shown: Base): OwnEffect | null {
  const { base, work } = complete(before, shown);
  if (!work?.request) return null;
  const { operationIds } = work.request;
  const entity = viewAfter({ base, work }, operationIds.length);
  if (!showsEffect(base?.entity ?? null, entity, shown.entity)) return null;
  const isLast = work.pending.length === operationIds.length;
  if (isLast || equalEntity(entity, shown.entity)) return { base: shown };
  const now = work.foreign && isLater(work.foreign, shown) ? work.foreign : shown;
  return { base: { version: null, updatedAt: null, ...base, entity }, now };
}

/** What makes it a fact. */
export function settled(key: string, { base, now }: OwnEffect): readonly EntityStep[] {
  const settle = { type: 'settle', key, base } as const;
  return now ? [settle, { type: 'receive', base: now, trusted: true }] : [settle];
}

/**
 * Whether a state of the backend has everything that a request changed from `before` to `result`, whatever else it says: what
 * the backend fills in, and what others changed since (S5). A counter has to stand where the request left it.
 */
function showsEffect(before: ISyncEntity | null, result: ISyncEntity | null, told: ISyncEntity | null): boolean {
  if (result === null || told === null) return result === told;
  const { entity, conflicts } = mergeEntity(before, result, told);
  return entity === told && conflicts.length === 0;
}
