import type { KeyValueStorage } from '../../ports/storage.ts';
import { beginTransaction, commit, recordsOf } from './live-transaction.ts';

/** All keys of a localforage instance on IndexedDB, in one request: localforage would move a cursor from key to key. */
export async function listKeys(store: KeyValueStorage): Promise<string[]> {
  const transaction = beginTransaction(store, 'readonly');
  if (transaction === null) return store.keys();
  const listing = recordsOf(transaction).getAllKeys();
  await commit(transaction);
  return listing.result as string[];
}
