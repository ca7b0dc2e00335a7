import { isContested, pendingOf, type EntityState } from '../store/entity-state.ts';

/** Where an unsettled operation counts. The three do not overlap (S25). */
export type CountClass = 'pending' | 'parked' | 'conflicts';

function classOf(state: EntityState): CountClass {
  if (state.work?.conflict || isContested(state)) return 'conflicts';
  return state.work?.refusal ? 'parked' : 'pending';
}

/** Unsettled operations, counted as entities change: nothing is ever counted through. */
export interface Counts {
  readonly pending: number;
  readonly parked: number;
  readonly conflicts: number;
  /** Entities with unsettled operations, of a collection. */
  workingIn(collection: string): number;
  change(collection: string, before: EntityState, after: EntityState): void;
  clear(): void;
}

export function createCounts(): Counts {
  let counts = { pending: 0, parked: 0, conflicts: 0 };
  const workingByCollection = new Map<string, number>();
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
    change(collection, before, after) {
      counts[classOf(before)] -= pendingOf(before).length;
      counts[classOf(after)] += pendingOf(after).length;
      const moved = (after.work ? 1 : 0) - (before.work ? 1 : 0);
      if (moved !== 0) workingByCollection.set(collection, (workingByCollection.get(collection) ?? 0) + moved);
    },
    clear() {
      counts = { pending: 0, parked: 0, conflicts: 0 };
      workingByCollection.clear();
    },
  };
}
