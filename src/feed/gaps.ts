/** Collections of which something was missed. Until it is here, frames do not move their cursors: it would never be fetched (G11). */
export interface Gaps {
  /** Something of the collection was missed. Returns the call that says that it is here. */
  open(collection: string): () => void;
  has(collection: string): boolean;
  /** The collection is being read from its cursor to the end. */
  began(collection: string): void;
  /** The end was reached: what was missed before the reading began is here. */
  closed(collection: string): void;
}

export function createGaps(): Gaps {
  const open = new Map<string, Set<symbol>>();
  const read = new Map<string, readonly symbol[]>();

  function close(collection: string, gap: symbol): void {
    const gaps = open.get(collection);
    gaps?.delete(gap);
    if (gaps?.size === 0) open.delete(collection);
  }

  return {
    open(collection) {
      const gap = Symbol(collection);
      open.set(collection, (open.get(collection) ?? new Set()).add(gap));
      return () => close(collection, gap);
    },
    has: (collection) => open.has(collection),
    began: (collection) => void read.set(collection, [...(open.get(collection) ?? [])]),
    closed(collection) {
      for (const gap of read.get(collection) ?? []) close(collection, gap);
      read.delete(collection);
    },
  };
}
