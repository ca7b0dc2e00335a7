import type { KeyValueStorage } from '../../ports/storage.ts';
import { type BrowserDriver, findBrowserDriver } from './browser-driver.ts';
import { createOrderedTasks } from './ordered-tasks.ts';
import { listKeys } from './list-keys.ts';
import { listWith, setAndList } from './set-and-list.ts';
import { createSharedRemovals } from './shared-removals.ts';

/** Browser storage by localforage. */
export interface LocalForageStorage extends KeyValueStorage {
  setAndList(key: string, value: unknown, prefix: string): Promise<string[]>;
  /** `localStorage` is the fallback where there is no IndexedDB: small, slow, and for strings, bytes and JSON only. */
  readonly driver: BrowserDriver;
  reopen(): Promise<void>;
}

interface Connection {
  readonly store: KeyValueStorage;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
  setAndList(key: string, value: unknown, prefix: string): Promise<string[]>;
  reopen(): Promise<void>;
}

/** A copy of the value as it is now. Bytes come without the rest of the buffer that they are a view of: localforage would store all of it. */
function copyOf<T>(value: T): unknown {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? new Uint8Array(value) : structuredClone(value);
}

const loadPausesMs: readonly number[] = [250, 1_000];

/** Bundlers make a file of its own of the package: one lost request must not leave the app without its data. */
async function load([pauseMs, ...laterPausesMs] = loadPausesMs): Promise<LocalForage> {
  try {
    return (await import('localforage')).default;
  } catch (error) {
    if (pauseMs === undefined) throw error;
    await new Promise((resume) => setTimeout(resume, pauseMs));
    return load(laterPausesMs);
  }
}

async function connect(name: string, driver: BrowserDriver): Promise<Connection> {
  const localforage = await load();
  // One named driver: given several, localforage goes on to the next when one fails to open, and the data seems to be gone.
  const driverName = driver === 'indexedDB' ? localforage.INDEXEDDB : localforage.LOCALSTORAGE;
  const store = localforage.createInstance({ name, storeName: 'syncline', driver: driverName });
  return {
    store,
    remove: driver === 'indexedDB' ? createSharedRemovals(store) : (key) => store.removeItem(key),
    keys: driver === 'indexedDB' ? () => listKeys(store) : () => store.keys(),
    async setAndList(key, value, prefix) {
      if (driver === 'indexedDB') return setAndList(store, key, value, prefix);
      await store.setItem(key, value);
      return listWith(store, prefix);
    },
    async reopen() {
      // setDriver alone would take over the lost connection, which localforage shares by database name.
      (store as { _dbInfo?: { db?: IDBDatabase | null } | null })._dbInfo?.db?.close();
      await store.setDriver(driverName);
      // Calls that find a closed connection at the same time close each other's new one: the first must be alone.
      await store.length();
    },
  };
}

/**
 * One IndexedDB database called `name` with one store, through localforage. Where IndexedDB is missing: localStorage, which `driver` shows.
 *
 * - Nothing is loaded or opened before the first call, so that it may be made on a server too.
 * - A failing call rejects (quota, aborted transaction, lost connection: with the platform's error) and changes nothing.
 * - Values are taken as they are when `setItem` is called; calls for one key take effect in call order.
 * - `reopen` gives up the connection and opens another; calls made meanwhile wait for it, and not for those that hang on the lost one.
 */
export function createLocalForageStorage(options: { name: string; driver?: BrowserDriver }): LocalForageStorage {
  const { name, driver = findBrowserDriver() ?? 'indexedDB' } = options;
  // localforage starts a removal sooner than a write that was asked for before it.
  let tasks = createOrderedTasks();
  let connection: Promise<Connection> | null = null;
  let reopening: Promise<unknown> = Promise.resolve();

  function open(): Promise<Connection> {
    connection ??= connect(name, driver).catch((error: unknown) => {
      connection = null;
      throw error;
    });
    return connection;
  }

  async function connected(): Promise<Connection> {
    await reopening;
    return open();
  }

  const store = async (): Promise<KeyValueStorage> => (await connected()).store;

  return {
    driver,
    getItem<T>(key: string): Promise<T | null> {
      return tasks.run(key, async () => (await store()).getItem<T>(key));
    },
    async setItem<T>(key: string, value: T): Promise<T> {
      const taken = copyOf(value);
      await tasks.run(key, async () => (await store()).setItem(key, taken));
      return value;
    },
    setAndList(key: string, value: unknown, prefix: string): Promise<string[]> {
      const taken = copyOf(value);
      return tasks.run(key, async () => (await connected()).setAndList(key, taken, prefix));
    },
    removeItem(key: string): Promise<void> {
      return tasks.run(key, async () => (await connected()).remove(key));
    },
    keys(): Promise<string[]> {
      return tasks.runAlone(async () => (await connected()).keys());
    },
    clear(): Promise<void> {
      return tasks.runAlone(async () => (await store()).clear());
    },
    async reopen(): Promise<void> {
      tasks = createOrderedTasks();
      const reopened = open().then((lost) => lost.reopen());
      reopening = reopened.catch(() => undefined);
      await reopened;
    },
  };
}
