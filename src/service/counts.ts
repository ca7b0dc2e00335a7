import { isContested, pendingOf } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';

/** Where an unsettled operation counts. The three do not overlap (S25). */
export type CountClass = 'pending' | 'parked' | 'conflicts';

/** `isBehindRefused`: the entity waits behind another one that was refused. */
function classOf({ state }: EntitySlot, isBehindRefused: boolean): CountClass {
  if (state.work?.conflict || isContested(state)) return 'conflicts';
  return state.work?.refusal || isBehindRefused ? 'parked' : 'pending';
}

/** Unsettled operations, counted as entities change: nothing is ever counted through. */
export interface Counts {
  readonly pending: number;
  readonly parked: number;
  readonly conflicts: number;
  /** Entities with unsettled operations, of a collection. */
  workingIn(collection: string): number;
  /** The entity changed, or what it waits for: it is counted anew. */
  update(slot: EntitySlot): void;
}

interface Counted {
  readonly as: CountClass;
  readonly operations: number;
}

export function createCounts(isBehindRefused: (slot: EntitySlot) => boolean): Counts {
  const counts = { pending: 0, parked: 0, conflicts: 0 };
  const countedBySlot = new Map<EntitySlot, Counted>();
  const workingByCollection = new Map<string, number>();

  function moveWorking(collection: string, by: number): void {
    if (by !== 0) workingByCollection.set(collection, (workingByCollection.get(collection) ?? 0) + by);
  }

  return {
    get pending() {
      return counts.pending;
    },
    get parked() {
      return counts.parked;
    },
    get conflicts() {
      return counts.conflicts;
    },
    workingIn: (collection) => workingByCollection.get(collection) ?? 0,
    update(slot) {
      const before = countedBySlot.get(slot);
      const operations = pendingOf(slot.state).length;
      if (before) counts[before.as] -= before.operations;
      moveWorking(slot.collection, (operations > 0 ? 1 : 0) - (before ? 1 : 0));
      if (operations === 0) return void countedBySlot.delete(slot);
      const as = classOf(slot, isBehindRefused(slot));
      counts[as] += operations;
      countedBySlot.set(slot, { as, operations });
    },
  };
}
