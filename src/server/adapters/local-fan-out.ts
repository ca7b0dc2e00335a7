import type { FanOut } from '../ports/fan-out.ts';

/** Wakes the readers of this process only: for one server on one database. Listeners are told in the same tick. */
export function createLocalFanOut(): FanOut {
  const listeners = new Set<(collections: readonly string[]) => void>();
  return {
    publish(collections) {
      for (const listener of [...listeners]) listener(collections);
    },
    subscribe(listener) {
      const own = (collections: readonly string[]): void => listener(collections);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    async close() {
      listeners.clear();
    },
  };
}
