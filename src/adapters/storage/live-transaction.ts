import type { KeyValueStorage } from '../../ports/storage.ts';

/** What localforage keeps of its connection on each instance. */
interface Connected {
  readonly _dbInfo?: { readonly db?: IDBDatabase | null; readonly storeName: string } | null;
}

/**
 * A transaction on the one object store of a localforage instance on IndexedDB. Null where there is no live connection:
 * localforage knows how to get one.
 */
export function beginTransaction(store: KeyValueStorage, mode: IDBTransactionMode): IDBTransaction | null {
  const { _dbInfo: info } = store as Connected;
  try {
    return info?.db?.transaction(info.storeName, mode) ?? null;
  } catch {
    return null;
  }
}

/**
 * Takes no more requests, and resolves when the transaction is complete; rejects when it is aborted, with the platform's error.
 * Left alone, it would commit only after the page has heard of each request: a way there and back more.
 */
export function commit(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.commit();
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The transaction was aborted.', 'AbortError'));
  });
}

/** The object store that the transaction is on. */
export function recordsOf(transaction: IDBTransaction): IDBObjectStore {
  return transaction.objectStore(transaction.objectStoreNames[0] as string);
}
