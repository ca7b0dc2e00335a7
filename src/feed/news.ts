import type { Base } from '../core/entity.ts';
import type { RemoteChange } from '../core/record.ts';
import { newestKnown, newestTold } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';
import { isNewer, isSameState } from '../store/versions.ts';

/** A foreign change, for those who listen to a channel. */
export interface News {
  readonly change: RemoteChange;
  readonly base: Base;
}

/**
 * What a state of the backend that was not told by a feed, but by a refusal or a look at the entity, is to listeners: news,
 * unless it is the one that is known or has passed. The feed will not tell it again.
 */
export function newsOf(slot: EntitySlot, base: Base, isFirstSeen: 'told' | 'untold' = 'untold'): readonly News[] {
  const { state } = slot;
  const known = newestKnown(state);
  const held = newestTold(state);
  const isGone = base.entity === null && !held?.entity;
  if (isGone || (known ? isSameState(base, known) || !isNewer(base, known) : isFirstSeen === 'untold')) return [];
  const { entity, version, updatedAt } = base;
  const record = {
    entity,
    ...(version === null ? {} : { version }),
    ...(updatedAt === null ? {} : { updatedAt }),
    ...(entity ? {} : { deleted: true }),
  };
  return [{ change: { collection: slot.collection, id: slot.id, record }, base }];
}
