import type { KeyValueStorage } from '../../ports/storage.ts';
import { beginTransaction, commit, recordsOf } from './live-transaction.ts';

interface Removal {
  readonly key: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Removes keys of a localforage instance on IndexedDB: those that are asked for at the same time share one transaction,
 * where localforage would make one for each. All of them are removed, or all reject.
 */
export function createSharedRemovals(store: KeyValueStorage): (key: string) => Promise<void> {
  let waiting: Removal[] = [];

  function removeWaiting(): void {
    const removals = waiting;
    waiting = [];
    const transaction = removals.length > 1 ? beginTransaction(store, 'readwrite') : null;
    if (transaction === null) {
      for (const { key, resolve, reject } of removals) store.removeItem(key).then(resolve, reject);
      return;
    }
    const records = recordsOf(transaction);
    for (const { key } of removals) records.delete(key);
    commit(transaction).then(
      () => removals.forEach(({ resolve }) => resolve()),
      (error: unknown) => removals.forEach(({ reject }) => reject(error)),
    );
  }

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) void Promise.resolve().then(removeWaiting);
    });
}
