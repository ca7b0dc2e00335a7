import type { StoredOperation } from '../store/entry.ts';
import type { EntityChange, EntitySlot } from '../store/replica.ts';

export interface FoundOperation {
  readonly slot: EntitySlot;
  readonly operation: StoredOperation;
}

/** Finds unsettled operations by id, without a look at the others. */
export interface OperationIndex {
  /** An entity changed. */
  note(change: EntityChange): void;
  /** How operations stand has changed, though none of them did. */
  restated(): void;
  /** Another one as soon as an operation is another one, or stands otherwise. */
  readonly version: number;
  find(id: string): FoundOperation | undefined;
}

/** `working`: slots with unsettled operations. What was read from the storage is looked through when it is first asked for. */
export function createOperationIndex(working: ReadonlySet<EntitySlot>): OperationIndex {
  const slotById = new Map<string, EntitySlot>();
  let version = 0;

  function findIn(slot: EntitySlot | undefined, id: string): FoundOperation | undefined {
    const operation = slot?.state.work?.pending.find((each) => each.id === id);
    return slot && operation && { slot, operation };
  }

  function lookThrough(): void {
    slotById.clear();
    for (const slot of working) for (const { id } of slot.state.work?.pending ?? []) slotById.set(id, slot);
  }

  return {
    get version() {
      return version;
    },
    restated: () => void (version += 1),
    note({ slot, step, settled, discarded }) {
      version += 1;
      if (step.type === 'write') slotById.set(step.operation.id, slot);
      for (const id of settled) slotById.delete(id);
      for (const id of discarded) slotById.delete(id);
    },
    find(id) {
      const found = findIn(slotById.get(id), id);
      if (found) return found;
      lookThrough();
      return findIn(slotById.get(id), id);
    },
  };
}
