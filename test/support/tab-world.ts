import { Subject } from 'rxjs';
import { createSyncService, type AnyCollections, type ISyncService, type SyncOptions } from '../../src/index.ts';
import type { PageSignal } from '../../src/ports/environment.ts';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { createMemoryLocks, type MemoryLocks } from '../../src/testing/environment/memory-locks.ts';
import { createMemoryTabChannels } from '../../src/testing/environment/memory-tab-channels.ts';
import { createMemoryTab, type MemoryTab } from '../../src/testing/environment/memory-tab.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { createVirtualClock, settle, type VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Clock, LockPort, TabChannelPort } from '../../src/ports/environment.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { createFakeBackend, type FakeBackend, type FakeBackendOptions } from './fake-backend.ts';
import { keepForSearch, keepInspected, searchService } from './token-search.ts';

/** A tab with a service in it. */
export interface Tab {
  readonly sync: ISyncService<AnyCollections>;
  readonly life: MemoryTab;
  readonly page$: Subject<PageSignal>;
}

/** Several tabs of one browser: one storage, one backend, one clock. */
export interface TabWorld {
  readonly clock: VirtualClock;
  readonly backend: FakeBackend;
  readonly storage: KeyValueStorage;
  readonly locks: MemoryLocks;
  open(options?: SyncOptions): Promise<Tab>;
  advance(ms: number): Promise<void>;
  /** Lets messages and storage have their way. */
  settle(): Promise<void>;
  closeAll(): Promise<void>;
}

export interface TabWorldOptions {
  /** False: the browser has no Web Locks. */
  readonly hasLocks?: boolean;
  /** What stands between a tab and its locks. */
  readonly lockThrough?: (locks: LockPort) => LockPort;
  readonly storage?: KeyValueStorage;
  /** Tabs talk by something that lies on the disk. */
  readonly passesThroughDisk?: true;
  readonly onPosted?: (message: unknown) => void;
  /** Messages that reach nobody. */
  readonly loses?: (message: unknown) => boolean;
  readonly backend?: FakeBackendOptions;
}

export function createTabWorld({
  hasLocks = true,
  lockThrough = (port) => port,
  storage = createMemoryStorage(),
  passesThroughDisk,
  onPosted,
  loses,
  backend: backendOptions = {},
}: TabWorldOptions = {}): TabWorld {
  const clock = createVirtualClock();
  const backend = createFakeBackend(clock, backendOptions);
  const locks = createMemoryLocks();
  const channels = createMemoryTabChannels(clock);
  const opened: Tab[] = [];

  async function advance(ms: number): Promise<void> {
    await clock.advance(ms);
    await settle();
  }

  return {
    clock,
    backend,
    storage,
    locks,
    advance,
    async settle() {
      for (let round = 0; round < 20; round += 1) await advance(0);
    },
    async open(options = {}) {
      const life = createMemoryTab();
      const page$ = new Subject<PageSignal>();
      const sync = createSyncService(backend.apiClient, {
        storage: storageIn(life, storage),
        environment: {
          clock: clockIn(life, clock),
          random: createSeededRandom(opened.length + 1).next,
          network: { onLine: true, changes$: new Subject<boolean>() },
          page$,
          locks: hasLocks ? lockThrough(locks.of(life)) : null,
          tabs: {
            ...(passesThroughDisk ? { passesThroughDisk } : {}),
            ...listened(channels.of(life), onPosted, loses),
          },
        },
        inspect: keepInspected,
        ...options,
      });
      searchService(sync, storage);
      const tab = { sync, life, page$ };
      opened.push(tab);
      const ready = sync.ready;
      for (let round = 0; round < 20; round += 1) await advance(50);
      await ready;
      return tab;
    },
    async closeAll() {
      const alive = opened.filter(({ life }) => life.isAlive);
      for (const { life } of alive) life.thaw();
      const closed = Promise.all(alive.map(({ sync }) => sync.close()));
      await clock.advance(60_000);
      await closed;
    },
  };
}

function listened(
  port: TabChannelPort,
  onPosted: (message: unknown) => void = () => undefined,
  loses: (message: unknown) => boolean = () => false,
): TabChannelPort {
  return {
    open(name) {
      const channel = port.open(name);
      return {
        ...channel,
        post(message) {
          keepForSearch('message', message);
          onPosted(message);
          if (!loses(message)) channel.post(message);
        },
      };
    },
  };
}

function clockIn(life: MemoryTab, clock: Clock): Clock {
  return {
    now: clock.now,
    setTimeout: (run, ms) => clock.setTimeout(() => life.deliver(run), ms),
    clearTimeout: clock.clearTimeout,
  };
}

/** A frozen tab hears of nothing that the storage has done; a killed one never. */
function storageIn(life: MemoryTab, storage: KeyValueStorage): KeyValueStorage {
  const heard = <T>(run: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!life.isAlive) return;
      run().then(
        (value) => life.deliver(() => resolve(value)),
        (error: unknown) => life.deliver(() => reject(error as Error)),
      );
    });
  return {
    getItem: (key) => heard(() => storage.getItem(key)),
    setItem: (key, value) => heard(() => storage.setItem(key, value)),
    removeItem: (key) => heard(() => storage.removeItem(key)),
    keys: () => heard(() => storage.keys()),
    clear: () => heard(() => storage.clear()),
  };
}
