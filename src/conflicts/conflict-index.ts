import type { ConflictRecord } from '../core/conflict.ts';
import type { EntityState } from '../store/entity-state.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';

/** Finds conflicts: the open ones by the entities they are about, the resolved ones in the replica's log. */
export interface ConflictIndex {
  /** The conflict of the entity opened or ended. */
  update(slot: EntitySlot): void;
  slotOf(conflictId: string): EntitySlot | undefined;
  get(conflictId: string): ConflictRecord | undefined;
  /** Newest first; the same array as long as nothing in it has changed. */
  list(): readonly ConflictRecord[];
  readonly openCount: number;
}

/** An index of no open conflict. `read` merges, so it is asked once per state of an entity. */
export function createConflictIndex(
  replica: Replica,
  read: (slot: EntitySlot) => ConflictRecord | null,
): ConflictIndex {
  const openById = new Map<string, EntitySlot>();
  const idBySlot = new Map<EntitySlot, string>();
  const recordByState = new WeakMap<EntityState, { readonly record: ConflictRecord | null }>();
  let found: readonly ConflictRecord[] = [];
  let listed: readonly ConflictRecord[] = Object.freeze([]);

  function recordOf(slot: EntitySlot): ConflictRecord | null {
    const known = recordByState.get(slot.state) ?? { record: read(slot) };
    recordByState.set(slot.state, known);
    return known.record;
  }

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
      return (slot && recordOf(slot)) ?? replica.resolved.get(id);
    },
    list() {
      const open = [...openById.values()].map(recordOf).filter((record) => record !== null);
      const resolved = [...replica.resolved.values()].filter(({ id }) => !openById.has(id));
      const now = [...resolved, ...open];
      if (isSame(now, found)) return listed;
      found = now;
      listed = Object.freeze([...now].reverse().sort(compareNewestFirst));
      return listed;
    },
    get openCount() {
      return openById.size;
    },
  };
}

function isSame(records: readonly ConflictRecord[], others: readonly ConflictRecord[]): boolean {
  return records.length === others.length && records.every((record, index) => record === others[index]);
}

function compareNewestFirst(a: ConflictRecord, b: ConflictRecord): number {
  if (a.detectedAt === b.detectedAt) return 0;
  return a.detectedAt < b.detectedAt ? 1 : -1;
}
