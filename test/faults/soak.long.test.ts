import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createSyncService, type ApiClient, type ISyncEntity } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { createTestEnvironment } from '../../src/testing/environment/test-environment.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { joinSocket } from '../server/support/socket.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { createServiceWorld } from '../support/service-world.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const hundredDaysMs = 100 * 86_400_000;
const hourMs = 3_600_000;
const mebibyte = 1024 * 1024;

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise(setImmediate);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** Three readers and a thousand writes of a kilobyte to the same hundred entities. */
async function serveForASeason({ api }: TestServer, url: string, season: number): Promise<void> {
  const readers = await Promise.all(
    Array.from({ length: 3 }, (_, reader) =>
      joinSocket(url, { clientId: `reader-${season}-${reader}`, channels: [{ channel: 'notes', cursor: null }] }),
    ),
  );
  const heard = readers.map(async (reader) => {
    for (let frame = await reader.next(); frame['text'] !== 'last'; frame = await reader.next())
      if ((frame['entity'] as { text?: string } | null)?.text === 'last') return;
  });
  for (let batch = 0; batch < 10; batch += 1) {
    const baseVersion = season * 10 + batch;
    const text = 'x'.repeat(1_000) + baseVersion;
    await api.batch(
      Array.from({ length: 100 }, (_, n) => ({
        idempotencyKey: `${season}-${batch}-${n}`,
        collection: 'notes',
        entityId: `${n}`,
        ...(baseVersion === 0
          ? { type: 'create', entity: { id: `${n}`, text }, baseVersion: null }
          : { type: 'update', patch: [{ op: 'replace', path: '/text', value: text }], baseVersion }),
      })),
    );
  }
  await api.create(`/v1/notes/last-${season}`, { text: 'last' });
  await Promise.all(heard);
  for (const { socket } of readers) socket.close();
  await Promise.all(readers.map(({ closed }) => closed));
  await api.remove(`/v1/notes/last-${season}`, 1);
}

test('G15 a server that has forgotten what it may forget holds no more after eight seasons than after two', async () => {
  const timers = createVirtualClock();
  let passedMs = 0;
  const clock = { ...timers, now: () => timers.now() + passedMs };
  const world = await startTestServer({ clock, limits: { feedChanges: 2_000 } });
  const { url } = await world.server.listen(0);
  const held: number[] = [];
  for (let season = 0; season < 8; season += 1) {
    await serveForASeason(world, url, season);
    passedMs += hundredDaysMs;
    await timers.advance(hourMs);
    expect((await world.api.get('/v1/changes?since=life-1.1')).status).toBe(410);
    held.push(await heapBytes());
  }
  expect((await world.api.get('/v1/notes/0')).body).toMatchObject({ version: 80 });
  await world.server.close();
  const grownBy = (held[7]! - held[1]!) / mebibyte;
  console.log(`grown by ${grownBy.toFixed(1)} MiB in 6 seasons of 2 MiB of changes each`);
  expect(grownBy).toBeLessThan(5);
  expect(world.failures).toEqual([]);
});

test('G15 the storage of a client that goes on writing is bounded by what there is, not by what was written', async () => {
  const storage = createPlannedStorage();
  const world = createServiceWorld({ storage });
  const sync = await world.open({ collections: { notes: {} } });
  const notes = sync.collection('notes');
  const stored: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (let write = 0; write < 200; write += 1)
      notes.put({ id: `${write % 50}`, text: `${round}/${write} `.padEnd(2_000, 'x') });
    for (let gone = 0; gone < 10; gone += 1) notes.delete(`${gone}`);
    world.backend.edit('notes', `of others ${round % 20}`, { text: `${round}`.padEnd(2_000, 'x') });
    await Promise.all([sync.flush(), sync.pull(), world.advance(60_000)]);
    stored.push([...storage.items.values()].reduce<number>((sum, value) => sum + JSON.stringify(value).length, 0));
  }
  expect(sync.queue.size).toBe(0);
  expect(notes.count()).toBe(60);
  const [early, late] = [stored.slice(10, 20), stored.slice(30)].map((sizes) => Math.max(...sizes));
  expect(late).toBeLessThan(early! * 1.25);
  expect(storage.items.size).toBeLessThan(100);
  await world.closeAll();
});

/** A backend that remembers nothing of what is gone. */
function createForgetfulApiClient(): ApiClient {
  const versions = new Map<string, number>();
  const store = (entity: ISyncEntity) => {
    const version = (versions.get(entity.id) ?? 0) + 1;
    versions.set(entity.id, version);
    return { entity: { ...entity, version }, version };
  };
  return {
    get: async () => null,
    create: async (_, entity) => store(entity),
    update: async (_, _id, { entity }) => store(entity),
    async delete(_, id) {
      const version = (versions.get(id) ?? 0) + 1;
      versions.delete(id);
      return { entity: null, version };
    },
  };
}

test('G15 of what was written and deleted again, a client that goes on holds no content: little more than id and version', async () => {
  const clock = createVirtualClock();
  const { environment } = createTestEnvironment({ clock });
  const options = { storage: createMemoryStorage(), environment, collections: { notes: {} } };
  const sync = createSyncService(createForgetfulApiClient(), options);
  await sync.ready;
  const notes = sync.collection('notes');
  const held: number[] = [];
  for (let season = 0; season < 16; season += 1) {
    const text = `${season} `.padEnd(1_000, 'x');
    for (let week = 0; week < 10; week += 1) {
      const passing = Array.from({ length: 130 }, (_, n) => `${season}-${week}-${n}`);
      for (const id of passing) notes.put({ id, text });
      for (let n = 0; n < 20; n += 1) notes.put({ id: `stays-${n}`, text });
      await Promise.all([sync.flush(), clock.advance(60_000)]);
      for (const id of passing) notes.delete(id);
      await Promise.all([sync.flush(), clock.advance(hourMs)]);
    }
    held.push(await heapBytes());
  }
  expect([notes.count(), sync.queue.size]).toEqual([20, 0]);
  await Promise.all([sync.close(), clock.advance(60_000)]);
  const grownBy = (held[15]! - held[7]!) / (8 * 10 * 130);
  console.log(`client: grown by ${grownBy.toFixed(0)} bytes for each of the 10,400 entities deleted last`);
  expect(grownBy).toBeLessThan(600);
});
