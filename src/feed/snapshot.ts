import type { Base } from '../core/entity.ts';
import type { EntitySlot } from '../store/replica.ts';

/** A snapshot under way: what it has not mentioned when it ends is gone (S38). */
export interface Snapshot {
  /** Cursor of the first page: from there the feed is read again. */
  firstCursor: string | null;
  mention(id: string): void;
  /** Entities that were there when the snapshot began, have not changed since, and were not mentioned. */
  missing(): EntitySlot[];
}

/** The newest state told by the backend, also when it is contested. */
const toldOf = ({ state }: EntitySlot): Base | null => state.work?.foreign ?? state.base;

export function createSnapshot(slots: Iterable<EntitySlot>): Snapshot {
  const baseBySlot = new Map<EntitySlot, Base>();
  for (const slot of slots) {
    const base = toldOf(slot);
    if (base && (base.entity !== null || base.forgotten)) baseBySlot.set(slot, base);
  }
  const mentioned = new Set<string>();
  return {
    firstCursor: null,
    mention: (id) => void mentioned.add(id),
    missing: () =>
      [...baseBySlot].flatMap(([slot, base]) => (toldOf(slot) === base && !mentioned.has(slot.id) ? [slot] : [])),
  };
}
