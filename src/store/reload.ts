import { equalEntity } from '../core/equal.ts';
import type { Drafts } from './drafts.ts';
import { unknownEntity, type EntityState } from './entity-state.ts';
import type { Draft } from './entry.ts';
import type { EntityChange, EntitySlot, Replica } from './replica.ts';
import { isSameState } from './versions.ts';

/**
 * Brings a replica to what another one, fresh from the storage, holds, and tells what that changed. Drafts stay shown over
 * it while `isPending` says that no log has them. `lost`: operations that no log has, although they are shown.
 */
export function reload(
  replica: Replica,
  fresh: Replica,
  drafts: Drafts,
  isPending: (draft: Draft) => boolean,
  lost: ReadonlySet<string>,
): readonly EntityChange[] {
  const changes: EntityChange[] = [];
  const drafted = new Set(drafts.list().map(({ collection, id }) => replica.slot(collection, id)));
  const confirm = (slot: EntitySlot, state: EntityState): void => {
    if (drafted.has(slot) || !isAlike(slot.state, state)) changes.push(drafts.confirm(slot, state, isPending, lost));
  };
  for (const collection of replica.collections()) {
    for (const slot of replica.slots(collection)) {
      if (!fresh.find(collection, slot.id)) confirm(slot, unknownEntity);
    }
  }
  for (const collection of fresh.collections()) {
    for (const { id, state } of fresh.slots(collection)) confirm(replica.slot(collection, id), state);
  }
  replica.restoreFeed(fresh.feed);
  replica.restoreResolved(fresh.resolved.values());
  return changes;
}

/** Whether the difference shows nowhere. Entities with unsettled operations are not looked into. */
function isAlike(a: EntityState, b: EntityState): boolean {
  if (a.work || b.work) return false;
  if (a.base === null || b.base === null) return a.base === b.base;
  return isSameState(a.base, b.base) && equalEntity(a.base.entity, b.base.entity);
}
