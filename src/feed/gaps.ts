/** Collections of which something was missed. Until it is here, frames do not move their cursors: it would never be fetched (G11). */
export interface Gaps {
  /** Something of the collection was missed, nobody knows what: a reading that begins after this brings it. */
  missed(collection: string): void;
  /** An entity of the collection was missed and is being fetched. Returns the call, to be made once, that says that it is no longer. */
  fetching(collection: string): () => void;
  /** Whether something of the collection is missing. */
  has(collection: string): boolean;
  /** The collection is being read from its cursor to the end. */
  began(collection: string): void;
  /** The end was reached: what was missed before the reading began is here. */
  closed(collection: string): void;
}

/** No gaps. What they take is bounded by the collections, however often something is missed. */
export function createGaps(): Gaps {
  const unread = new Set<string>();
  const beingRead = new Set<string>();
  const fetches = new Map<string, number>();

  function count(collection: string, more: 1 | -1): void {
    const open = (fetches.get(collection) ?? 0) + more;
    if (open > 0) fetches.set(collection, open);
    else fetches.delete(collection);
  }

  return {
    missed: (collection) => void unread.add(collection),
    fetching(collection) {
      count(collection, 1);
      return () => count(collection, -1);
    },
    has: (collection) => unread.has(collection) || beingRead.has(collection) || fetches.has(collection),
    began(collection) {
      if (unread.delete(collection)) beingRead.add(collection);
    },
    closed: (collection) => void beingRead.delete(collection),
  };
}
