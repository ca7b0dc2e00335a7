/** Knows which entities were being written while a list was read: what the list says of them may be older than the writes. */
export interface WriteWatch {
  /** Runs a write. */
  during<T>(collection: string, id: string, write: () => Promise<T>): Promise<T>;
  /** Watches from now on. */
  open(collection: string): ListWatch;
}

/** What was written since a list began to be read. Has to be closed. */
export interface ListWatch {
  wasWritten(id: string): boolean;
  close(): void;
}

/** Watches from the first write on; holds nothing of writes that are over and lists that are closed. */
export function createWriteWatch(): WriteWatch {
  const running = new Map<string, number>();
  const watched = new Set<{ readonly collection: string; readonly ids: Set<string> }>();
  const placeOf = (collection: string, id: string) => `${collection}/${id}`;

  function count(place: string, change: 1 | -1): void {
    const writes = (running.get(place) ?? 0) + change;
    if (writes === 0) running.delete(place);
    else running.set(place, writes);
  }

  return {
    async during(collection, id, write) {
      for (const list of watched) if (list.collection === collection) list.ids.add(id);
      count(placeOf(collection, id), 1);
      try {
        return await write();
      } finally {
        count(placeOf(collection, id), -1);
      }
    },
    open(collection) {
      const before = new Set(running.keys());
      const list = { collection, ids: new Set<string>() };
      watched.add(list);
      return {
        wasWritten: (id) => list.ids.has(id) || before.has(placeOf(collection, id)),
        close: () => void watched.delete(list),
      };
    },
  };
}
