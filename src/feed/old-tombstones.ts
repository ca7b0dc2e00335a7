import type { Base } from '../core/entity.ts';
import { createSteadyClock } from '../core/steady-clock.ts';
import type { Clock } from '../ports/environment.ts';
import { unknownEntity } from '../store/entity-state.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';

/**
 * Deletions that an earlier life left behind. They are known until the feed of their collection has been read past them,
 * and again when no frame can be under way any more that was sent before that: both may still tell what came before, or the
 * deletion itself (G9, G10). After that nobody refers to them any more.
 */
export interface OldTombstones {
  /** The local data was loaded. */
  loaded(): void;
  /** The feed of the collection was read to its end, now. */
  passed(collection: string): void;
  /** No feed tells of the collection. */
  forget(collection: string): void;
}

/** Longer than a connection that brings nothing more goes unnoticed. */
const frameDelayMs = 120_000;

export function createOldTombstones(replica: Replica, wallClock: Clock): OldTombstones {
  const clock = createSteadyClock(wallClock);
  const basesByCollection = new Map<string, ReadonlyMap<EntitySlot, Base>>();
  const passedAt = new Map<string, number>();

  function tombstonesOf(collection: string): ReadonlyMap<EntitySlot, Base> {
    const bases = new Map<EntitySlot, Base>();
    for (const slot of replica.slots(collection)) {
      const { base, work } = slot.state;
      if (base?.entity === null && work === null) bases.set(slot, base);
    }
    return bases;
  }

  function forget(collection: string): void {
    for (const [slot, base] of basesByCollection.get(collection) ?? [])
      if (slot.state.base === base && slot.state.work === null) replica.put(slot, unknownEntity);
    basesByCollection.delete(collection);
  }

  return {
    forget,
    loaded() {
      for (const collection of replica.collections()) basesByCollection.set(collection, tombstonesOf(collection));
    },
    passed(collection) {
      const firstMs = passedAt.get(collection);
      if (firstMs === undefined) passedAt.set(collection, clock.now());
      else if (clock.now() - firstMs >= frameDelayMs) forget(collection);
    },
  };
}
