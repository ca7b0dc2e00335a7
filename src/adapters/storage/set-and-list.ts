import type { KeyValueStorage } from '../../ports/storage.ts';
import { beginTransaction, commit, recordsOf } from './live-transaction.ts';

/** The last that a key with a prefix can go on with. */
const highest = '\uffff';

/**
 * Stores a value in a localforage instance on IndexedDB and lists the keys that begin with `prefix`, in one transaction:
 * nothing is stored between the two.
 */
export async function setAndList(
  store: KeyValueStorage,
  key: string,
  value: unknown,
  prefix: string,
): Promise<string[]> {
  const transaction = beginTransaction(store, 'readwrite');
  if (transaction === null) {
    await store.setItem(key, value);
    return listWith(store, prefix);
  }
  const records = recordsOf(transaction);
  records.put(value, key);
  const listing = records.getAllKeys(IDBKeyRange.bound(prefix, prefix + highest));
  await commit(transaction);
  return listing.result as string[];
}

/** The keys of a storage that begin with `prefix`. */
export async function listWith(store: KeyValueStorage, prefix: string): Promise<string[]> {
  return (await store.keys()).filter((key) => key.startsWith(prefix));
}
