import { type ApiClient, createHttpApiClient, createSyncService, type ISyncService, SyncError } from 'syncline';
import { createAesGcmCodec } from 'syncline/crypto';
import { createRestApiClient } from 'syncline/rest';
import {
  createMemoryBackend,
  createPlannedStorage,
  runApiClientConformance,
  runStorageConformance,
  runTransportConformance,
} from 'syncline/testing';

interface Address {
  readonly street: string;
  readonly lines: readonly string[];
}
interface User {
  id: string;
  name: string;
  address?: Address;
  tags: readonly string[];
}
interface Task {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
}

const apiClient: ApiClient = createHttpApiClient({ url: 'http://localhost:8080' });
const sync: ISyncService<{ users: User; tasks: Task }> = createSyncService<{ users: User; tasks: Task }>(apiClient, {
  collections: { users: { exclude: ['/address'] } },
});

export function encrypted(key: CryptoKey): ISyncService {
  return createSyncService(apiClient, { encryption: createAesGcmCodec(key) });
}

export async function show(user: User): Promise<string> {
  const updated = await sync.syncEntity('users', user);
  const stamp: string = updated.updatedAt;
  const unsubscribe = sync.realTime.subscribe('users', (changed) => console.log(changed?.id));
  unsubscribe();
  const { durable, synced } = sync.collection('tasks').put({ id: '1', title: 'Write', done: false });
  await durable.catch((error: unknown) => error instanceof SyncError && error.code);
  const task = await synced;
  sync.collection('users').patch('1', { name: 'Ada' });
  sync.collection('users').patch('1', (current) => ({ ...current, tags: [...current.tags, 'new'] }));
  return `${stamp} ${task?.title ?? ''} ${sync.getSnapshot().connectivity}`;
}

// @ts-expect-error a misspelt field
void sync.syncEntity('users', { id: '1', nmae: 'Ada', tags: [] });
// @ts-expect-error a missing field
sync.collection('tasks').put({ id: '1', title: 'Write' });
// @ts-expect-error a collection that there is not
sync.collection('projects');

export function startOnRestApi(): ISyncService<{ tasks: Task }> {
  const version = { pointer: '/rev' };
  return createSyncService<{ tasks: Task }>(
    createRestApiClient({ baseUrl: '/api', list: {}, collections: { tasks: { version } } }),
  );
}

runApiClientConformance(() => ({ client: apiClient }), { runner: { describe, it }, print: () => undefined });
runStorageConformance(() => ({ open: () => createPlannedStorage() }), { keeps: false });
runTransportConformance(() => ({ transport: createMemoryBackend().apiClient.realTime!, client: apiClient }));
declare function describe(name: string, body: () => void): void;
declare function it(name: string, body: () => Promise<void>, timeoutMs?: number): void;
