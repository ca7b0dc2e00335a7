import type { KeyValueStorage } from '../../ports/storage.ts';

/** What localforage keeps of its connection on each instance. */
interface Connected {
  readonly _dbInfo?: { readonly db?: IDBDatabase | null; readonly storeName: string } | null;
}

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
    const transaction = removals.length > 1 ? begin(store as Connected) : null;
    if (transaction === null) {
      for (const { key, resolve, reject } of removals) store.removeItem(key).then(resolve, reject);
      return;
    }
    const [name] = transaction.objectStoreNames;
    const records = transaction.objectStore(name as string);
    for (const { key } of removals) records.delete(key);
    transaction.oncomplete = () => removals.forEach(({ resolve }) => resolve());
    transaction.onabort = () => {
      const error = transaction.error ?? new DOMException('The transaction was aborted.', 'AbortError');
      for (const { reject } of removals) reject(error);
    };
  }

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) void Promise.resolve().then(removeWaiting);
    });
}

/** Null where there is no live connection: localforage knows how to get one. */
function begin({ _dbInfo: info }: Connected): IDBTransaction | null {
  try {
    return info?.db?.transaction(info.storeName, 'readwrite') ?? null;
  } catch {
    return null;
  }
}
