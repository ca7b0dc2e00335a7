/**
 * Anything shaped like a localforage instance.
 *
 * Contract (checked by the storage contract suite):
 * - values are structured-cloneable; what `getItem` gives back equals what `setItem` got, and is no longer affected by it;
 * - `setItem` resolves only when the value survives a crash of the process, and replaces a key's value whole or not at all;
 * - `getItem` of an absent key resolves with null;
 * - a failing call rejects and changes nothing;
 * - `reopen`, where present, makes a fresh connection after one was lost;
 * - `setAndList`, where present, does what `setItem` does and then gives the keys that begin with `prefix`, no earlier than the value
 *   is stored, for about the price of `setItem`. Tabs that share a storage without it pay for `keys` with every write of the leader.
 */
export interface KeyValueStorage {
  getItem<T>(key: string): Promise<T | null>;
  setItem<T>(key: string, value: T): Promise<T>;
  removeItem(key: string): Promise<void>;
  keys(): Promise<string[]>;
  clear(): Promise<void>;
  reopen?(): Promise<void>;
  setAndList?(key: string, value: unknown, prefix: string): Promise<string[]>;
}
