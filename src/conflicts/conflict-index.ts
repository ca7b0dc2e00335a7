import type { ConflictRecord } from '../core/conflict.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';

/** Finds conflicts: the open ones by the entities they are about, the resolved ones in the replica's log. */
export interface ConflictIndex {
  /** The conflict of the entity opened or ended. */
  update(slot: EntitySlot): void;
  slotOf(conflictId: string): EntitySlot | undefined;
  get(conflictId: string): ConflictRecord | undefined;
  /** Newest first. */
  list(): readonly ConflictRecord[];
  readonly openCount: number;
}

export function createConflictIndex(
  replica: Replica,
  read: (slot: EntitySlot) => ConflictRecord | null,
): ConflictIndex {
  const openById = new Map<string, EntitySlot>();
  const idBySlot = new Map<EntitySlot, string>();

  return {
    update(slot) {
      const id = slot.state.work?.conflict?.id;
      const known = idBySlot.get(slot);
      if (known === id) return;
      if (known !== undefined) {
        openById.delete(known);
        idBySlot.delete(slot);
      }
      if (id === undefined) return;
      openById.set(id, slot);
      idBySlot.set(slot, id);
    },
    slotOf: (id) => openById.get(id),
    get(id) {
      const slot = openById.get(id);
      return (slot && read(slot)) ?? replica.resolved.get(id);
    },
    list() {
      const open = [...openById.values()].map(read).filter((record) => record !== null);
      const resolved = [...replica.resolved.values()].filter(({ id }) => !openById.has(id));
      return [...resolved, ...open]
        .reverse()
        .sort((a, b) => (a.detectedAt === b.detectedAt ? 0 : a.detectedAt < b.detectedAt ? 1 : -1));
    },
    get openCount() {
      return openById.size;
    },
  };
}
