import type { KeyValueStorage } from '../../ports/storage.ts';
import { beginTransaction, recordsOf } from './live-transaction.ts';

/** All keys of a localforage instance on IndexedDB, in one request: localforage would move a cursor from key to key. */
export function listKeys(store: KeyValueStorage): Promise<string[]> {
  const transaction = beginTransaction(store, 'readonly');
  if (transaction === null) return store.keys();
  return new Promise((resolve, reject) => {
    const request = recordsOf(transaction).getAllKeys();
    request.onsuccess = () => resolve(request.result as string[]);
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The transaction was aborted.', 'AbortError'));
  });
}
