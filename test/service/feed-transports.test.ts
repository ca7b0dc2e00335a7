import { afterEach, expect, it } from 'vitest';
import {
  UnavailableError,
  type ISyncService,
  type RemoteChange,
  type ServerRecord,
  type SyncOptions,
} from '../../src/index.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, idsOf, type ServiceWorld } from '../support/service-world.ts';
import type { FakeBackendOptions, FakeSocket } from '../support/fake-backend.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

async function connect(
  options: FakeBackendOptions = {},
  given: SyncOptions = { collections: { tasks: {}, users: {} } },
): Promise<{ sync: ISyncService; socket: FakeSocket }> {
  world = createServiceWorld({ realTime: true, ...options });
  const sync = await world.open(given);
  sync.enableRealTime();
  await world.settle();
  const [socket] = world.backend.sockets;
  if (!socket) throw new Error('No socket was opened.');
  return { sync, socket };
}

it('G11 S40 is live though the transport pokes more often than the feed is read', async () => {
  const { sync, socket } = await connect();
  world.backend.always('changes', world.after(100));
  socket.send({ type: 'open' });
  for (let poke = 0; poke < 20; poke += 1) {
    socket.send({ type: 'poke' });
    await world.advance(50);
  }
  expect(sync.getSnapshot().realTime).toBe('live');
});

it('G11 a change of a transport that is none loses nothing: the rest is taken in, and the feed is read', async () => {
  const { sync, socket } = await connect();
  socket.send({ type: 'open' });
  await world.settle();
  world.backend.edit('tasks', 'a', { title: 'x' });
  world.backend.edit('users', 'b', { title: 'y' });
  const record = world.backend.record('users', 'b');
  if (!record) throw new Error('There is no such record.');
  for (const stray of [{ collection: 'tasks', id: 'a' }, null, 'change', { collection: 'tasks', record: null }])
    socket.send({ type: 'change', change: stray as never });
  socket.send({ type: 'change', change: { collection: 'users', id: 'b', record } });
  await world.advance(0);
  expect([idsOf(sync, 'tasks'), idsOf(sync, 'users')]).toEqual([['a'], ['b']]);
});

const recordOf = (id: string, title: string, version: string): ServerRecord => ({
  entity: { id, title, updatedAt: '' } as never,
  version,
});

const behind = (id: string): { type: 'change'; change: RemoteChange } => ({
  type: 'change',
  change: {
    collection: 'tasks',
    id,
    record: recordOf(id, 'new', 'v3'),
    baseVersion: 'v2',
  },
});

/** Each of them is known in its first version. */
async function know(socket: FakeSocket, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    socket.send({ type: 'change', change: { collection: 'tasks', id, record: recordOf(id, 'old', 'v1') } });
  }
  await world.advance(0);
}

it('G11 without a feed an entity whose frame does not lead on is fetched again until it is here', async () => {
  const { sync, socket } = await connect({ changes: false });
  socket.send({ type: 'open' });
  await world.settle();
  await know(socket, ['a']);
  world.backend.always('get', refuseWith(new UnavailableError({ status: 503 })));
  socket.send(behind('a'));
  await world.advance(30_000);
  expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'old' });
  const tries = world.backend.calls.filter(({ method }) => method === 'get').length;
  expect(tries).toBeLessThan(30);
  world.backend.always('get', () => behind('a').change.record);
  await world.advance(60_000);
  expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'new', version: 'v3' });
  const asked = world.backend.calls.length;
  await world.advance(60_000);
  expect(world.backend.calls.length).toBe(asked);
});

it('G15 frames that do not lead on are fetched six at a time', async () => {
  const { sync, socket } = await connect({ changes: false });
  socket.send({ type: 'open' });
  await world.settle();
  const ids = Array.from({ length: 100 }, (_, index) => `e${index}`);
  await know(socket, ids);
  let running = 0;
  let most = 0;
  world.backend.always('get', async ({ id }) => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 10));
    running -= 1;
    return behind(id).change.record;
  });
  for (const id of ids) socket.send(behind(id));
  await world.advance(1_000);
  expect(most).toBe(6);
  const titles = sync.collection('tasks').list() as unknown as readonly { title: string }[];
  expect(titles.filter(({ title }) => title === 'new').length).toBe(100);
});
