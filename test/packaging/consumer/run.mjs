import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSyncService } from 'syncline';
import { createAesGcmCodec } from 'syncline/crypto';
import * as machines from 'syncline/machines';
import { createFileStorage } from 'syncline/node';
import { createRestApiClient } from 'syncline/rest';
import { createSyncServer } from 'syncline/server';
import { createMemoryBackend, createTestEnvironment } from 'syncline/testing';

const rows = new Map();
const write = (id, entity) => {
  const version = (rows.get(id)?.version ?? 0) + 1;
  const record = { entity: { ...entity, id }, version };
  rows.set(id, record);
  return record;
};
const sync = createSyncService({
  get: async (collection, id) => rows.get(id) ?? null,
  create: async (collection, entity) => write(entity.id, entity),
  update: async (collection, id, change) => write(id, change.entity),
  delete: async (collection, id) => void rows.delete(id),
});
const { id, name, version } = await sync.syncEntity('users', { id: '1', name: 'Ada' }, { until: 'synced' });
const online = sync.isOnline();
await sync.close();

const directory = await mkdtemp(join(tmpdir(), 'consumer-'));
await createFileStorage(directory).setItem('key', 'kept');
const files = await createFileStorage(directory).getItem('key');
const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const codec = createAesGcmCodec(key);
const opened = await codec.decode('key', await codec.encode('key', Uint8Array.of(1, 2, 3)));
const rest = createRestApiClient({ baseUrl: 'https://api.example.com' });
const { environment, clock } = createTestEnvironment();
const simulated = createSyncService(createMemoryBackend({ now: clock.now }).apiClient, { environment });
const { synced } = simulated.collection('users').put({ id: '1', name: 'Ada' });
await clock.advance(1_000);
const refusal = await createSyncServer({ database: join(directory, 'server.db') }).catch((error) => error);
await rm(directory, { recursive: true });

console.log(
  JSON.stringify({
    synced: { id, name, version },
    online,
    machines: 'queueMachine' in machines,
    files,
    opened: [...opened],
    rest: rest.capabilities,
    simulated: (await synced).updatedAt.slice(0, 10),
    serverWithoutDatabase: { code: refusal.code, namesTheCommand: /npm install libsql/.test(refusal.message) },
  }),
);
