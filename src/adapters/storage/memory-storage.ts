import type { KeyValueStorage } from '../../ports/storage.ts';

/**
 * Storage that lasts as long as the object does. Values are cloned on the way in and out, as a database would.
 *
 * @example
 * createSyncService(apiClient, { storage: createMemoryStorage() });
 */
export function createMemoryStorage(): KeyValueStorage & { readonly driver: 'memory' } {
  const valuesByKey = new Map<string, unknown>();
  return {
    driver: 'memory',
    async getItem<T>(key: string): Promise<T | null> {
      return (structuredClone(valuesByKey.get(key)) ?? null) as T | null;
    },
    async setItem<T>(key: string, value: T): Promise<T> {
      valuesByKey.set(key, structuredClone(value));
      return value;
    },
    async removeItem(key: string): Promise<void> {
      valuesByKey.delete(key);
    },
    async keys(): Promise<string[]> {
      return [...valuesByKey.keys()];
    },
    async clear(): Promise<void> {
      valuesByKey.clear();
    },
  };
}

/** Whether the storage keeps nothing across restarts: true for {@link createMemoryStorage} only (S33). */
export function isVolatile(storage: KeyValueStorage): boolean {
  return 'driver' in storage && storage.driver === 'memory';
}
