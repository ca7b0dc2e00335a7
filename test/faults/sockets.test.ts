import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createHttpApiClient,
  createSyncService,
  createWebSocketTransport,
  RateLimitedError,
  UnauthorizedError,
  type ISyncService,
} from '../../src/index.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { createApi } from '../server/support/api.ts';
import { startHostileSocketServer, type HostileSocketServer } from '../support/hostile-socket-server.ts';
import { createServiceWorld } from '../support/service-world.ts';
import { othersToken } from './fault-world.ts';
import { canary } from '../support/token-search.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const followed = { collections: { tasks: {} }, retry: { baseMs: 5, maxMs: 20 } };
const isLive = (sync: ISyncService) => firstValueFrom(sync.state$.pipe(filter(({ realTime }) => realTime === 'live')));
const titleIs = (sync: ISyncService, title: string) =>
  firstValueFrom(
    sync
      .collection('tasks')
      .entity$('x')
      .pipe(filter((entity) => entity?.['title'] === title)),
  );

type Frame = object | string | Uint8Array;

const welcome = { type: 'welcome', sessionId: 's', epoch: 'e1', heartbeatMs: 25_000, maxBytes: 65_536 };
const frameOf = (seq: number, title: string): object => {
  const updatedAt = '2026-01-01T00:00:00.000Z';
  const entity = { id: 'x', title, updatedAt, version: seq };
  const place = { collection: 'tasks', id: 'x', version: seq, cursor: `${seq}` };
  return { type: 'change', seq, prev: seq - 1, ...place, baseVersion: null, entity, deleted: false, updatedAt };
};
const [one, two, last] = [frameOf(1, 'one'), frameOf(2, 'two'), frameOf(3, 'last')];

const frames: readonly [string, readonly Frame[]][] = [
  ['in order', [one, two, last]],
  ['doubled', [one, one, two, two, last, last]],
  ['out of order', [last, two, one]],
  ['with a gap', [one, last]],
  ['of an unknown type', [{ type: 'weather', is: 'fine' }, one, two, last]],
  ['broken', [one, '{"type":"change","seq":2', last]],
  ['binary', [one, new Uint8Array([1, 2, 3]), two, last]],
  ['huge', [one, JSON.stringify({ type: 'poke', filler: 'x'.repeat(2 * 1024 * 1024) }), two, last]],
  ['lost, but for the last', [last]],
];

/** Welcomes whoever connects; the first connection is given what it is to hear. */
async function serve(server: HostileSocketServer, first: Promise<readonly Frame[]>): Promise<void> {
  for (let count = 0; ; count += 1) {
    const connection = await server.accept();
    await connection.receive();
    connection.send(welcome);
    if (count === 0) void first.then((each) => each.forEach((frame) => connection.send(frame)));
  }
}

describe('frames of a real socket', () => {
  test.each(frames)('G10 G11 %s: the view ends where the backend is, and never goes back', async (_, sent) => {
    const server = await startHostileSocketServer();
    ends.push(() => server.close());
    let begin: (each: readonly Frame[]) => void = () => undefined;
    void serve(server, new Promise((resolve) => (begin = resolve)));
    const backend = createMemoryBackend({ realTime: false });
    const sync = createSyncService(backend.apiClient, { ...followed, realTime: { url: server.url } });
    ends.push(() => sync.close());
    sync.enableRealTime();
    await isLive(sync);
    const shown: unknown[] = [];
    sync
      .collection('tasks')
      .entity$('x')
      .subscribe((entity) => shown.push(entity?.version ?? 0));
    const told: unknown[] = [];
    sync.realTime.subscribe('tasks', (_entity, { record }) => told.push(record.version));
    for (const title of ['one', 'two', 'last']) backend.edit('tasks', 'x', { title });
    begin(sent);
    await titleIs(sync, 'last');
    await sync.pull();
    expect(sync.collection('tasks').get('x')).toMatchObject({ title: 'last', version: 3 });
    expect(shown).toEqual(shown.toSorted((a, b) => Number(a) - Number(b)));
    expect(told).toEqual([...new Set(told)].toSorted((a, b) => Number(a) - Number(b)));
    expect(told.at(-1)).toBe(3);
    expect(sync.conflicts.list()).toEqual([]);
  });
});

test('G14 G11 a line that went dead without a word is noticed within two heartbeats, and what was missed is fetched', async () => {
  const server = await startHostileSocketServer();
  ends.push(() => server.close());
  const clock = createVirtualClock();
  const backend = createMemoryBackend({ realTime: false });
  const realTime = createWebSocketTransport({ url: server.url, clock });
  const sync = createSyncService(backend.apiClient, { ...followed, realTime });
  ends.push(() => sync.close());
  sync.enableRealTime();
  for (const title of ['missed', 'missed again']) {
    const connection = await server.accept();
    await connection.receive();
    connection.send(welcome);
    await isLive(sync);
    backend.edit('tasks', 'x', { title });
    const lost = firstValueFrom(sync.state$.pipe(filter((state) => state.realTime !== 'live')));
    await clock.advance(2 * welcome.heartbeatMs);
    await Promise.all([lost, titleIs(sync, title)]);
  }
});

test('G11 a back-off of a socket that was served is not served again when the network goes while it connects', async () => {
  const world = createServiceWorld({ realTime: true });
  ends.push(() => world.closeAll());
  const sync = await world.open({ collections: { tasks: {} } });
  sync.enableRealTime();
  await world.settle();
  world.backend.sockets[0]?.drop(new RateLimitedError({ retryAfterMs: 600_000 }));
  await world.advance(602_000);
  expect([world.backend.sockets.length, sync.getSnapshot().realTime]).toEqual([1, 'connecting']);
  world.setOnLine(false);
  await world.settle();
  expect(world.backend.sockets.length).toBe(0);
  world.setOnLine(true);
  await world.advance(5_000);
  expect(world.backend.sockets.length).toBe(1);
});

describe('a token that expires on an open socket', () => {
  test('G5 G11 is asked for anew, and the new connection tells what happened meanwhile', async () => {
    let accepted = `${canary}-1`;
    let asked = 0;
    const server = await createSyncServer({
      database: ':memory:',
      limits: { sessionCheckMs: 20 },
      authenticate: (token) => (token === accepted || token === othersToken ? { id: 'ada' } : null),
    });
    ends.push(() => server.close());
    const { url } = await server.listen(0);
    const token = () => {
      asked += 1;
      return accepted;
    };
    const sync = createSyncService(createHttpApiClient({ url, token }), followed);
    ends.push(() => sync.close());
    sync.enableRealTime();
    await isLive(sync);
    const before = asked;
    const lost = firstValueFrom(sync.state$.pipe(filter(({ realTime }) => realTime !== 'live')));
    accepted = `${canary}-2`;
    await lost;
    const others = createApi(server, 'others');
    await others.create('/v1/tasks/x', { id: 'x', title: 'meanwhile' }, { token: othersToken });
    await Promise.all([isLive(sync), titleIs(sync, 'meanwhile')]);
    await others.replace('/v1/tasks/x', 1, { id: 'x', title: 'told again' }, { token: othersToken });
    await titleIs(sync, 'told again');
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', connectivity: 'online', error: null });
    expect(asked).toBeGreaterThan(before);
  });

  test('G13 leads to reconnecting with jitter, each client at a time of its own', async () => {
    const delays: number[] = [];
    for (let seed = 1; seed <= 12; seed += 1) {
      const world = createServiceWorld({ realTime: true, seed });
      const sync = await world.open({ collections: { tasks: {} } });
      sync.enableRealTime();
      await world.settle();
      world.backend.sockets[0]?.send({ type: 'open' });
      await world.settle();
      expect(sync.getSnapshot().realTime).toBe('live');
      world.backend.sockets[0]?.drop(new UnauthorizedError());
      const lostAt = world.clock.now();
      await world.runUntil(() => world.backend.sockets.length > 0);
      delays.push(world.clock.now() - lostAt);
      await world.closeAll();
    }
    expect(new Set(delays.map((delay) => Math.round(delay / 10))).size).toBeGreaterThan(8);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_000);
  });

  test('G7 and is refused again waits for the app, and connects to nobody meanwhile', async () => {
    const world = createServiceWorld({ realTime: true });
    ends.push(() => world.closeAll());
    const sync = await world.open({ collections: { tasks: {} } });
    sync.enableRealTime();
    await world.settle();
    for (const method of ['changes', 'write'] as const)
      world.backend.always(method, () => {
        throw new UnauthorizedError();
      });
    let connections = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const [socket] = world.backend.sockets;
      if (socket) {
        connections += 1;
        socket.drop(new UnauthorizedError());
      }
      await world.advance(10_000);
    }
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', blockers: ['needs-auth'], connectivity: 'online' });
    expect(connections).toBeLessThanOrEqual(3);
    for (const method of ['changes', 'write'] as const) world.backend.always(method, null);
    sync.authRenewed();
    await world.advance(5_000);
    world.backend.sockets[0]?.send({ type: 'open' });
    await world.advance(5_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', realTime: 'live' });
  });
});
