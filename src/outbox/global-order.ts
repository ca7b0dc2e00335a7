import type { StoredOperation } from '../store/entry.ts';
import { compareOperations } from '../store/operation-order.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { References } from './references.ts';

export interface GlobalOrderParts {
  /** Slots with unsettled operations. */
  readonly working: ReadonlySet<EntitySlot>;
  /** The app has to decide about the entity before anything of it is sent. */
  isStopped(slot: EntitySlot): boolean;
}

const nobody: readonly EntitySlot[] = [];

/**
 * One after the other, whatever they refer to (S7): all that was written after what was refused waits behind it. The outbox
 * keeps the order itself; who waits for a decision is said here.
 */
export function createGlobalOrder({ working, isStopped }: GlobalOrderParts): References {
  const stopped = new Set<EntitySlot>();
  let barrier: StoredOperation | null = null;

  const firstOf = ({ state }: EntitySlot) => state.work?.pending[0];

  function isBehind(slot: EntitySlot, of: StoredOperation | null): boolean {
    const first = firstOf(slot);
    return of !== null && first !== undefined && compareOperations(of, first) < 0;
  }

  function findBarrier(): StoredOperation | null {
    let earliest: StoredOperation | null = null;
    for (const slot of stopped) {
      const first = firstOf(slot);
      if (first && (!earliest || compareOperations(first, earliest) < 0)) earliest = first;
    }
    return earliest;
  }

  return {
    isHeld: () => false,
    isBehindRefused: (slot) => isBehind(slot, barrier),
    update(slot) {
      const was = stopped.delete(slot);
      const is = isStopped(slot);
      if (is) stopped.add(slot);
      if (!was && !is) return nobody;
      const before = barrier;
      barrier = findBarrier();
      if (barrier === before) return nobody;
      return [...working].filter((each) => each !== slot && isBehind(each, before) !== isBehind(each, barrier));
    },
  };
}
