/** A row of slots, each empty or taken, that tells how many taken ones lie before a slot. Every call is O(log n). */
export interface OccupiedSlots {
  take(slot: number): void;
  vacate(slot: number): void;
  takenBefore(slot: number): number;
}

/** Slots 0 to `size - 1`, all empty (Fenwick 1994). */
export function createOccupiedSlots(size: number): OccupiedSlots {
  const sums = new Int32Array(size + 1);
  const add = (slot: number, change: number): void => {
    for (let at = slot + 1; at <= size; at += at & -at) sums[at] = (sums[at] as number) + change;
  };
  return {
    take: (slot) => add(slot, 1),
    vacate: (slot) => add(slot, -1),
    takenBefore(slot) {
      let sum = 0;
      for (let at = slot; at > 0; at -= at & -at) sum += sums[at] as number;
      return sum;
    },
  };
}
