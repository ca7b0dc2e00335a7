import {
  createSyncService,
  type AnyCollections,
  type Environment,
  type ISyncService,
  type KeyValueStorage,
  type PageSignal,
  type SyncOptions,
} from '../../src/index.ts';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { createFakeBackend, type FakeBackend, type FakeBackendOptions } from './fake-backend.ts';
import { createTestEnvironment } from '../../src/testing/environment/test-environment.ts';
import { createVirtualClock, settle, type VirtualClock } from '../../src/testing/virtual-clock.ts';
import { keepInspected, searchService } from './token-search.ts';

/** A service with everything around it under the test's hand: time, chance, network, page, storage, backend. */
export interface ServiceWorld {
  readonly clock: VirtualClock;
  readonly backend: FakeBackend;
  /** Outlives every service: what is opened later finds what is stored. */
  readonly storage: KeyValueStorage;
  readonly environment: Environment;
  /** What the platform says of the network. */
  setOnLine(onLine: boolean): void;
  signalPage(signal: PageSignal): void;
  /** A service on the world's storage and backend, ready and settled. `name`, `user` and others by `options`. */
  open(options?: SyncOptions): Promise<ISyncService<AnyCollections>>;
  /** The same, not started. */
  create(options?: SyncOptions): ISyncService<AnyCollections>;
  /** Waits until everything that needs no time has happened. */
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  runUntil(predicate: () => boolean, limitMs?: number): Promise<void>;
  /** An answer that takes time. */
  after(ms: number, answer?: Answer): Answer;
  /** Closes every service that was opened and is not closed. */
  closeAll(): Promise<void>;
}

export interface ServiceWorldOptions extends FakeBackendOptions {
  onLine?: boolean;
  storage?: KeyValueStorage;
  seed?: number;
  /** Uniform in [0, 1); default: seeded. */
  random?: () => number;
}

export function createServiceWorld(options: ServiceWorldOptions = {}): ServiceWorld {
  const clock = createVirtualClock();
  const backend = createFakeBackend(clock, options);
  const storage = options.storage ?? createMemoryStorage();
  const { environment, setOnLine, signalPage } = createTestEnvironment({ clock, ...options });
  const opened: ISyncService<AnyCollections>[] = [];

  function create(given: SyncOptions = {}): ISyncService<AnyCollections> {
    const service = createSyncService(backend.apiClient, { storage, environment, inspect: keepInspected, ...given });
    opened.push(service);
    return service;
  }

  return {
    clock,
    backend,
    storage,
    environment,
    setOnLine,
    signalPage,
    create,
    async open(given) {
      const service = create(given);
      searchService(service, storage);
      await service.ready;
      await settle();
      return service;
    },
    settle,
    advance: (ms) => clock.advance(ms),
    runUntil: (predicate, limitMs = 600_000) => clock.runUntil(predicate, limitMs),
    after(ms, answer = (_, apply) => apply()) {
      return async (call, apply) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
        return answer(call, apply);
      };
    },
    async closeAll() {
      const closed = Promise.all(opened.splice(0).map((service) => service.close()));
      await clock.advance(60_000);
      await closed;
    },
  };
}

/** The ids of what a collection shows. */
export function idsOf(sync: ISyncService<AnyCollections>, collection: string): readonly string[] {
  const entities = sync.collection(collection).list();
  return entities.map(({ id }) => id);
}

/** How a promise stands. */
export type Standing<T> =
  | { readonly is: 'open' }
  | { readonly is: 'resolved'; readonly value: T }
  | { readonly is: 'rejected'; readonly error: unknown };

/** Watches a promise; the returned function tells how it stands. */
export function watch<T>(promise: Promise<T>): () => Standing<T> {
  let standing: Standing<T> = { is: 'open' };
  promise.then(
    (value) => (standing = { is: 'resolved', value }),
    (error: unknown) => (standing = { is: 'rejected', error }),
  );
  return () => standing;
}

/** The code of what a promise rejects with; undefined: it resolved, or rejected with something else. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code,
  );
}
