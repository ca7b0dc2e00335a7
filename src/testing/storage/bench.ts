import type { KeyValueStorage } from '../../ports/storage.ts';
import { settleWithin, show } from '../conformance/expectations.ts';

/** One place that storages are opened on. */
export interface StoragePlace {
  /** Opens the place; again, when it was opened before: with what was stored then, where the storage keeps anything. */
  open(): KeyValueStorage | Promise<KeyValueStorage>;
  close?(): void | Promise<void>;
}

/** A storage on a place that no other rule uses. Every call ends, in time or with a finding. */
export interface StorageBench {
  readonly storage: KeyValueStorage;
  readonly keeps: boolean;
  /** Opens the same place once more. */
  openAgain(): Promise<KeyValueStorage>;
}

/** A bench on a place. */
export async function createStorageBench(
  place: StoragePlace,
  { keeps, timeoutMs }: { readonly keeps: boolean; readonly timeoutMs: number },
): Promise<StorageBench> {
  const open = async (): Promise<KeyValueStorage> =>
    limited(await settleWithin(Promise.resolve(place.open()), timeoutMs, 'Opening the storage'), timeoutMs);
  return { storage: await open(), keeps, openAgain: open };
}

function limited(storage: KeyValueStorage, limitMs: number): KeyValueStorage {
  const { reopen, setAndList } = storage;
  const within = <T>(call: Promise<T>, what: string): Promise<T> => settleWithin(call, limitMs, what);
  return {
    getItem: <T>(key: string) => within(storage.getItem<T>(key), `getItem(${show(key)})`),
    setItem: <T>(key: string, value: T) => within(storage.setItem(key, value), `setItem(${show(key)})`),
    removeItem: (key) => within(storage.removeItem(key), `removeItem(${show(key)})`),
    keys: () => within(storage.keys(), 'keys()'),
    clear: () => within(storage.clear(), 'clear()'),
    ...(setAndList && {
      setAndList: (key, value, prefix) =>
        within(setAndList.call(storage, key, value, prefix), `setAndList(${show(key)})`),
    }),
    ...(reopen && { reopen: () => within(reopen.call(storage), 'reopen()') }),
  };
}
