import type { Base } from '../core/entity.ts';
import { unknownEntity } from '../store/entity-state.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';

/**
 * Deletions that an earlier life left behind. They are known until the feed of their collection has been read past them: it
 * may still tell what came before (G10). After that nobody refers to them any more.
 */
export interface OldTombstones {
  /** The local data was loaded. */
  loaded(): void;
  /** The feed of the collection was read to its end. */
  passed(collection: string): void;
}

export function createOldTombstones(replica: Replica): OldTombstones {
  const basesByCollection = new Map<string, ReadonlyMap<EntitySlot, Base>>();

  function tombstonesOf(collection: string): ReadonlyMap<EntitySlot, Base> {
    const bases = new Map<EntitySlot, Base>();
    for (const slot of replica.slots(collection)) {
      const { base, work } = slot.state;
      if (base?.entity === null && work === null) bases.set(slot, base);
    }
    return bases;
  }

  return {
    loaded() {
      for (const collection of replica.collections()) basesByCollection.set(collection, tombstonesOf(collection));
    },
    passed(collection) {
      for (const [slot, base] of basesByCollection.get(collection) ?? [])
        if (slot.state.base === base && slot.state.work === null) replica.put(slot, unknownEntity);
      basesByCollection.delete(collection);
    },
  };
}
