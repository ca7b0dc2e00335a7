import type { KeyValueStorage } from '../../ports/storage.ts';
import { findBrowserDriver } from './browser-driver.ts';
import { createLocalForageStorage } from './localforage-storage.ts';
import { createMemoryStorage } from './memory-storage.ts';

/** The storage of a service that was given none. `driver` says where the data is. */
export interface DefaultStorage extends KeyValueStorage {
  readonly driver: 'indexedDB' | 'localStorage' | 'memory';
}

/**
 * Browser storage in pages and workers, memory elsewhere and where the browser keeps nothing. Opens nothing before the first call (S44).
 */
export function createDefaultStorage(name: string): DefaultStorage {
  return findBrowserDriver() === null ? createMemoryStorage() : createLocalForageStorage({ name: `syncline-${name}` });
}
