import {
  createHttpApiClient,
  createSyncService,
  type ApiClient,
  type ISyncEntity,
  type ISyncService,
  type KeyValueStorage,
  type ServerRecord,
  type SyncOptions,
  type Version,
} from '../../src/index.ts';
import { collection, itemRecord, type Item } from './entities.ts';
import { removeDatabase } from './raw/database.ts';

export type Items = { items: Item; incoming: Item };
export type Service = ISyncService<Items>;

let opened = 0;

/** A service in the browser on storage of its own, with its local data loaded. */
export async function openInBrowser(
  url: string,
  options: SyncOptions = {},
  apiClient: ApiClient = createHttpApiClient({ url }),
): Promise<{ readonly service: Service; remove(): Promise<void> }> {
  opened += 1;
  const name = options.name ?? `bench-${opened}`;
  const service = createSyncService<Items>(apiClient, { ...options, name });
  service.start();
  await service.ready;
  return {
    service,
    async remove() {
      await service.close();
      await removeDatabase(`syncline-${name}`);
    },
  };
}

/** A service without a disk: what it stores is gone, and costs no memory. */
export async function openInNode(apiClient: ApiClient, options: SyncOptions = {}): Promise<Service> {
  const service = createSyncService<Items>(apiClient, { storage: createForgettingStorage(), ...options });
  service.start();
  await service.ready;
  return service;
}

/** Storage that takes everything and keeps the keys only: where they were gone, everything would be written again. */
function createForgettingStorage(): KeyValueStorage {
  const keys = new Set<string>();
  return {
    getItem: async () => null,
    async setItem(key, value) {
      keys.add(key);
      return value;
    },
    removeItem: async (key) => void keys.delete(key),
    keys: async () => [...keys],
    clear: async () => keys.clear(),
  };
}

/** A backend that is never reached. */
export function createSilentBackend(): ApiClient {
  const never = () => new Promise<never>(() => undefined);
  return { get: never, create: never, update: never, delete: never };
}

/** A backend in memory that agrees with everything, at once. */
export function createAgreeingBackend(): ApiClient {
  const agree = (entity: ISyncEntity, baseVersion: Version | null): ServerRecord => {
    const version = Number(baseVersion ?? 0) + 1;
    return { entity: { ...entity, version }, version, updatedAt: entity.updatedAt };
  };
  return {
    get: async () => null,
    create: async (_, entity) => agree(entity, null),
    update: async (_, __, { entity, baseVersion }) => agree(entity, baseVersion),
    delete: async () => undefined,
  };
}

/** Gives the service `length` clean entities, and waits until they are there. */
export async function seed(service: Service, length: number): Promise<void> {
  const items = service.collection(collection);
  const chunk = 1_000;
  for (let start = 0; start < length; start += chunk) {
    const size = Math.min(chunk, length - start);
    void items.receive(Array.from({ length: size }, (_, index) => itemRecord(start + index)));
    await nextTask();
  }
  while (length > 0 && !items.has(itemRecord(length - 1).entity?.id ?? '')) await nextTask();
}

/** Resolves in a later macrotask. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Resolves after so many milliseconds: lets background work end. */
export function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
