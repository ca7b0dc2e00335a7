import type { Base } from '../core/entity.ts';
import { newestTold } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';

/** A snapshot under way: what it has not mentioned when it ends is gone (S38). */
export interface Snapshot {
  /** Cursor of the first page: from there the feed is read again. */
  firstCursor: string | null;
  mention(id: string): void;
  /** Entities that were there when the snapshot began, have not changed since, and were not mentioned. */
  missing(): EntitySlot[];
}

/** `isUnanswered`: a request has gone out for the entity, and nobody knows what came of it: it may have been there, and be gone. */
export function createSnapshot(slots: Iterable<EntitySlot>, isUnanswered: (slot: EntitySlot) => boolean): Snapshot {
  const baseBySlot = new Map<EntitySlot, Base | null>();
  for (const slot of slots) {
    const base = newestTold(slot.state);
    const isThere = base ? base.entity !== null || base.forgotten : isUnanswered(slot);
    if (isThere) baseBySlot.set(slot, base);
  }
  const mentioned = new Set<string>();
  return {
    firstCursor: null,
    mention: (id) => void mentioned.add(id),
    missing: () =>
      [...baseBySlot].flatMap(([slot, base]) =>
        newestTold(slot.state) === base && !mentioned.has(slot.id) ? [slot] : [],
      ),
  };
}
