import type { SyncError } from '../core/errors.ts';

/** Those who wait for a catch-up of a collection that begins after they asked. */
export interface PullWaiters {
  wait(collection: string): Promise<void>;
  began(collection: string): void;
  ended(collection: string, error: SyncError | null): void;
}

interface Waiter {
  resolve(): void;
  reject(error: SyncError): void;
}

export function createPullWaiters(): PullWaiters {
  const asked = new Map<string, Waiter[]>();
  const running = new Map<string, Waiter[]>();
  const take = (waiters: Map<string, Waiter[]>, collection: string) => {
    const taken = waiters.get(collection) ?? [];
    waiters.delete(collection);
    return taken;
  };
  return {
    wait: (collection) =>
      new Promise<void>((resolve, reject) => {
        asked.set(collection, [...(asked.get(collection) ?? []), { resolve, reject }]);
      }),
    began(collection) {
      running.set(collection, [...take(running, collection), ...take(asked, collection)]);
    },
    ended(collection, error) {
      for (const waiter of take(running, collection)) {
        if (error) waiter.reject(error);
        else waiter.resolve();
      }
    },
  };
}
