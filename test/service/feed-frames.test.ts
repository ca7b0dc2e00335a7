import { afterEach, describe, expect, it } from 'vitest';
import {
  ConflictError,
  ForbiddenError,
  type ISyncService,
  type RemoteChange,
  type ServerRecord,
  type SyncOptions,
} from '../../src/index.ts';
import { loseAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { FakeBackendOptions, FakeSocket } from '../support/fake-backend.ts';
import { createServiceWorld, idsOf, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

type Told = [id: string, title: unknown, version: unknown];

async function goLive(
  given: SyncOptions = { collections: { tasks: {} } },
  options: FakeBackendOptions = {},
): Promise<{ sync: ISyncService; socket: FakeSocket }> {
  world = createServiceWorld({ realTime: true, ...options });
  const sync = await world.open(given);
  sync.enableRealTime();
  await world.settle();
  return { sync, socket: await openSocket(sync) };
}

async function openSocket(sync: ISyncService): Promise<FakeSocket> {
  const [socket] = world.backend.sockets;
  if (!socket) throw new Error('No socket was opened.');
  socket.send({ type: 'open' });
  await world.settle();
  expect(sync.getSnapshot().realTime).toBe('live');
  return socket;
}

function listen(sync: ISyncService, channel: string): Told[] {
  const told: Told[] = [];
  sync.realTime.subscribe(channel, (entity, change) =>
    told.push([change.id, (entity as { title?: unknown } | null)?.title ?? null, change.record.version]),
  );
  return told;
}

/** The newest change of the backend's feed, as a socket brings it. */
async function newest(collection: string, id: string, more: Partial<RemoteChange> = {}): Promise<RemoteChange> {
  const record = world.backend.record(collection, id);
  if (!record) throw new Error('There is no such record.');
  return { collection, id, record: structuredClone(record), ...more };
}

const cursors = (collection = 'tasks') =>
  world.backend.calls
    .filter((call) => call.method === 'changes' && call.collection === collection)
    .map(({ content }) => (content as { cursor: string | null }).cursor);

describe('frames of a socket', () => {
  it('G9 takes an own frame before the answer, after it and twice as one acknowledgement, and tells nobody', async () => {
    const { sync, socket } = await goLive();
    const told = listen(sync, 'tasks');
    const views: unknown[] = [];
    let acknowledged = 0;
    sync.events$.subscribe((event) => (acknowledged += event.type === 'operation.acknowledged' ? 1 : 0));
    sync
      .collection('tasks')
      .entity$('a')
      .subscribe((entity) => views.push((entity as { title?: string })?.title));
    world.backend.once(
      'create',
      world.after(5_000, async (_, apply) => {
        const answer = await apply();
        await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 5_000));
        return answer;
      }),
    );
    const write = sync.collection('tasks').put({ id: 'a', title: 'mine' });
    await world.advance(5_000);
    const [call] = world.backend.writes();
    const idempotencyKey = call?.context.idempotencyKey as string;
    const echo = await newest('tasks', 'a', {
      idempotencyKey,
      clientId: call?.context.clientId as string,
      cursor: '1',
    });
    socket.send({ type: 'change', change: echo });
    await world.advance(0);
    expect(await write.synced).toMatchObject({ title: 'mine', version: 1 });
    expect(sync.collection('tasks').status('a')).toBe('synced');
    socket.send({ type: 'change', change: echo });
    await world.advance(10_000);
    socket.send({ type: 'change', change: echo });
    await world.advance(0);
    expect({ told, acknowledged, titles: new Set(views) }).toEqual({
      told: [],
      acknowledged: 1,
      titles: new Set([undefined, 'mine']),
    });
    expect(world.backend.effects.length).toBe(1);
  });

  it('G9 knows an own frame of a life before the restart', async () => {
    const { sync } = await goLive();
    world.backend.always('create', loseAnswer);
    sync.collection('tasks').put({ id: 'a', title: 'mine' });
    await world.settle();
    await sync.close();
    const again = await world.open();
    const told = listen(again, 'tasks');
    again.pause();
    again.enableRealTime();
    await world.settle();
    const socket = world.backend.sockets[0] as FakeSocket;
    socket.send({ type: 'open' });
    const idempotencyKey = world.backend.effects[0] as string;
    socket.send({ type: 'change', change: await newest('tasks', 'a', { idempotencyKey }) });
    await world.advance(0);
    expect([again.queue.size, again.collection('tasks').status('a'), told]).toEqual([0, 'synced', []]);
  });

  it('G9 sends what was written after a request that a frame acknowledged while its outcome was asked for', async () => {
    const { sync, socket } = await goLive(undefined, { idempotent: false });
    world.backend.once('create', loseAnswer);
    world.backend.once('get', world.after(5_000));
    sync.collection('tasks').put({ id: 'a', title: 'one' });
    await world.settle();
    sync.collection('tasks').patch('a', { title: 'two' });
    const idempotencyKey = world.backend.effects[0] as string;
    socket.send({ type: 'change', change: await newest('tasks', 'a', { idempotencyKey }) });
    await world.advance(120_000);
    expect([sync.queue.size, world.backend.entity('tasks', 'a')]).toEqual([0, { id: 'a', title: 'two' }]);
  });

  it('G9 G10 neither tells nor shows what the feed repeats of an own life before the restart', async () => {
    const { sync } = await goLive({ collections: { tasks: { pullLimit: 1 } } });
    sync.disableRealTime();
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one' }).synced;
    await tasks.put({ id: 'b', title: 'one' }).synced;
    await tasks.patch('b', { title: 'two' }).synced;
    await tasks.delete('a').synced;
    await sync.close();
    const again = world.create({ collections: { tasks: { pullLimit: 1 } } });
    const told = listen(again, 'tasks');
    const seen: unknown[] = [];
    again
      .collection('tasks')
      .entity$('a')
      .subscribe((entity) => seen.push(entity));
    await again.pull();
    await world.settle();
    expect(told).toEqual([]);
    expect(new Set(seen)).toEqual(new Set([undefined]));
    expect(again.collection('tasks').list()).toMatchObject([{ id: 'b', title: 'two', version: 2 }]);
  });

  it('S41 tells a foreign change once, by frame, doubled frame and page', async () => {
    const { sync, socket } = await goLive();
    const told = listen(sync, 'tasks');
    world.backend.edit('tasks', 'a', { title: 'theirs' });
    const change = await newest('tasks', 'a', { cursor: '1' });
    socket.send({ type: 'change', change });
    socket.send({ type: 'change', change });
    await world.advance(0);
    socket.send({ type: 'change', change });
    await world.advance(0);
    await sync.pull();
    await world.settle();
    expect(told).toEqual([['a', 'theirs', 1]]);
    world.backend.edit('tasks', 'a', null);
    socket.send({ type: 'change', change: await newest('tasks', 'a', { cursor: '2' }) });
    await world.advance(0);
    expect(told.slice(1)).toEqual([['a', null, 2]]);
  });

  it('S41 tells a foreign change once that was learned by a refusal', async () => {
    const { sync } = await goLive();
    sync.disableRealTime();
    await sync.collection('tasks').put({ id: 'a', title: 'one', mine: 1 }).synced;
    await sync.pull();
    const told = listen(sync, 'tasks');
    world.backend.edit('tasks', 'a', { title: 'theirs', mine: 1 });
    sync.collection('tasks').patch('a', { mine: 2 });
    await sync.flush();
    await sync.pull();
    await world.settle();
    expect(told.map(([id, , version]) => [id, version])).toEqual([['a', 2]]);
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', title: 'theirs', mine: 2 });
  });

  it('S41 tells with the pending edits over the change, and ends with its subscription', async () => {
    const { sync, socket } = await goLive();
    await sync.collection('tasks').put({ id: 'a', title: 'one', done: false }).synced;
    sync.pause();
    const told: unknown[] = [];
    const end = sync.realTime.subscribe('tasks', (entity) => told.push(entity));
    sync.collection('tasks').patch('a', { done: true });
    world.backend.edit('tasks', 'a', { title: 'theirs', done: false });
    socket.send({ type: 'change', change: await newest('tasks', 'a') });
    await world.advance(0);
    expect(told).toMatchObject([{ id: 'a', title: 'theirs', done: true }]);
    end();
    end();
    world.backend.edit('tasks', 'a', { title: 'later', done: false });
    socket.send({ type: 'change', change: await newest('tasks', 'a') });
    await world.advance(0);
    expect(told.length).toBe(1);
  });

  it('S41 follows users/42 without the cursor of its collection', async () => {
    const { sync, socket } = await goLive({});
    const told = listen(sync, 'users/4/2');
    await world.settle();
    const seen: unknown[] = [];
    socket.session.channels$.subscribe((channels) => seen.push(channels)).unsubscribe();
    expect(seen).toEqual([[{ channel: 'users/4/2', cursor: null }]]);
    world.backend.edit('users', 'early', { title: 'early' });
    world.backend.edit('users', '4/2', { title: 'x' });
    world.backend.edit('users', '43', { title: 'y' });
    socket.send({ type: 'change', change: await newest('users', '4/2', { cursor: '2' }) });
    socket.send({ type: 'change', change: await newest('users', '43', { cursor: '3' }) });
    await world.advance(0);
    expect(told).toEqual([['4/2', 'x', 1]]);
    await sync.collection('users').pull();
    expect(cursors('users')[0]).toBe(null);
    expect(sync.collection('users').has('early')).toBe(true);
  });

  it('S41 resumes from the last frame of a followed collection', async () => {
    const { sync, socket } = await goLive();
    const channels = socket.session.channels$.subscribe();
    world.backend.edit('tasks', 'a', { title: 'x' });
    socket.send({ type: 'change', change: await newest('tasks', 'a', { cursor: '1' }) });
    await world.advance(0);
    await sync.pull();
    expect(cursors().at(-1)).toBe('1');
    channels.unsubscribe();
  });

  it('G11 fetches from the old cursor after a poke, whatever frames follow it', async () => {
    const { sync, socket } = await goLive();
    socket.session.channels$.subscribe();
    world.backend.edit('tasks', 'missed', { title: 'x' });
    world.backend.edit('tasks', 'a', { title: 'x' });
    world.backend.once('changes', world.after(3_000));
    socket.send({ type: 'poke' });
    socket.send({ type: 'change', change: await newest('tasks', 'a', { cursor: '2' }) });
    await world.advance(1_000);
    await sync.close();
    const again = await world.open();
    await again.pull();
    expect(idsOf(again, 'tasks')).toEqual(['a', 'missed']);
  });

  it('S38 G4 lets the feed say after a resync whether the cursors still lead on, and frames move none until then', async () => {
    const { sync, socket } = await goLive();
    world.backend.edit('tasks', 'a', { title: 'x' });
    world.backend.edit('tasks', 'b', { title: 'x' });
    await sync.pull();
    world.backend.edit('tasks', 'a', null);
    world.backend.oldestCursor = 3;
    socket.send({ type: 'resync' });
    socket.send({ type: 'change', change: await newest('tasks', 'b', { cursor: '3' }) });
    await world.settle();
    expect(idsOf(sync, 'tasks')).toEqual(['b']);
    expect(cursors().slice(-2)).toEqual(['2', null]);
  });

  it('G11 S40 tells that a channel is refused, follows what is left of it, polls it, and asks again when things may have changed', async () => {
    const { sync, socket } = await goLive();
    const channelsOf = (of: FakeSocket): readonly string[] => {
      let now: readonly string[] = [];
      of.session.channels$.subscribe((channels) => (now = channels.map(({ channel }) => channel))).unsubscribe();
      return now;
    };
    const events: unknown[] = [];
    sync.events$.subscribe((event) => events.push(event));
    listen(sync, 'tasks/a');
    await world.settle();
    expect(channelsOf(socket)).toEqual(['tasks']);
    socket.send({ type: 'refused', channel: 'tasks', error: new ForbiddenError() });
    expect(channelsOf(socket)).toEqual(['tasks/a']);
    expect(events).toMatchObject([{ type: 'channel.refused', channel: 'tasks', error: { code: 'forbidden' } }]);

    world.backend.edit('tasks', 'b', { title: 'x' });
    world.backend.edit('tasks', 'a', { title: 'x' });
    socket.send({ type: 'change', change: await newest('tasks', 'a', { cursor: '2' }) });
    await world.advance(0);
    expect(idsOf(sync, 'tasks')).toEqual(['a']);
    await world.advance(30_000);
    expect([idsOf(sync, 'tasks'), sync.getSnapshot().realTime]).toEqual([['a', 'b'], 'live']);

    socket.send({ type: 'resync' });
    expect(channelsOf(socket)).toEqual(['tasks']);
    socket.send({ type: 'refused', channel: 'tasks', error: new ForbiddenError() });
    socket.drop();
    await world.runUntil(() => world.backend.sockets.length === 1 && world.backend.sockets[0] !== socket);
    expect(channelsOf(world.backend.sockets[0] as FakeSocket)).toEqual(['tasks']);
  });

  it('G11 goes on from the cursors of frames again once what was missed is here', async () => {
    const { sync, socket } = await goLive();
    socket.session.channels$.subscribe();
    world.backend.edit('tasks', 'missed', { title: 'x' });
    socket.send({ type: 'poke' });
    await world.settle();
    world.backend.edit('tasks', 'a', { title: 'x' });
    socket.send({ type: 'change', change: await newest('tasks', 'a', { cursor: '2' }) });
    await world.settle();
    await sync.close();
    const again = await world.open();
    await again.pull();
    expect(idsOf(again, 'tasks')).toEqual(['a', 'missed']);
    expect(cursors().at(-1)).toBe('2');
  });

  it('G11 does not skip what a new collection had before its first frame', async () => {
    const { sync, socket } = await goLive();
    world.backend.edit('notes', 'early', { title: 'x' });
    world.backend.edit('notes', 'a', { title: 'x' });
    world.backend.once('changes', world.after(3_000));
    socket.session.channels$.subscribe();
    listen(sync, 'notes');
    socket.send({ type: 'change', change: await newest('notes', 'a', { cursor: '2' }) });
    await world.advance(1_000);
    await sync.close();
    const again = await world.open();
    await again.pull();
    expect(idsOf(again, 'notes')).toEqual(['a', 'early']);
  });

  it('G11 fetches an entity whose frame does not lead on, also without a feed', async () => {
    const { sync, socket } = await goLive(undefined, { changes: false });
    const told = listen(sync, 'tasks');
    const record = (title: string, version: string) => ({ entity: { id: 'a', title, updatedAt: '' }, version });
    socket.send({ type: 'change', change: { collection: 'tasks', id: 'a', record: record('one', 'v1') } });
    await world.advance(0);
    world.backend.always('get', () => record('three', 'v3'));
    const change = { collection: 'tasks', id: 'a', record: record('four', 'v4'), baseVersion: 'v3' };
    socket.send({ type: 'change', change: { ...change, baseVersion: 'v2' } });
    await world.advance(0);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'three', version: 'v3' });
    socket.send({ type: 'change', change });
    await world.advance(0);
    expect(told).toEqual([
      ['a', 'one', 'v1'],
      ['a', 'three', 'v3'],
      ['a', 'four', 'v4'],
    ]);
  });

  it('G11 applies a patch to the version it was made on, and fetches else', async () => {
    const { sync, socket } = await goLive();
    await sync.collection('tasks').put({ id: 'a', title: 'one', done: false }).synced;
    const patched = (version: number, baseVersion: number, title: string): RemoteChange => ({
      collection: 'tasks',
      id: 'a',
      record: { entity: null, version },
      patch: [{ op: 'replace', path: '/title', value: title }],
      baseVersion,
    });
    socket.send({ type: 'change', change: patched(2, 1, 'two') });
    await world.advance(0);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'two', done: false, version: 2 });
    world.backend.always('get', () => ({ entity: { id: 'a', title: 'four', updatedAt: '' }, version: 4 }));
    socket.send({ type: 'change', change: patched(4, 3, 'four') });
    await world.advance(0);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'four', version: 4 });
  });

  it('G10 never goes back: frames out of order, and an answer that frames overtook', async () => {
    const { sync, socket } = await goLive();
    const versions: unknown[] = [];
    sync
      .collection('tasks')
      .entity$('a')
      .subscribe((entity) => versions.push((entity as { version?: number })?.version));
    const frames: RemoteChange[] = [];
    for (const title of ['one', 'two', 'three']) {
      world.backend.edit('tasks', 'a', { title });
      frames.push(await newest('tasks', 'a'));
    }
    const [one, two, three] = frames as [RemoteChange, RemoteChange, RemoteChange];
    for (const change of [two, one, three, two]) {
      socket.send({ type: 'change', change });
      await world.advance(0);
    }
    world.backend.once(
      'get',
      world.after(1_000, () => structuredClone(three.record)),
    );
    const loaded = sync.collection('tasks').load('a');
    world.backend.edit('tasks', 'a', { title: 'four' });
    socket.send({ type: 'change', change: await newest('tasks', 'a') });
    await world.advance(1_000);
    expect(await loaded).toMatchObject({ title: 'four', version: 4 });
    expect(versions).toEqual([undefined, 2, 3, 4]);
  });

  it('G10 tells no older state that a refusal brings after a newer one', async () => {
    const { sync, socket } = await goLive();
    await sync.collection('tasks').put({ id: 'a', title: 'one', mine: 0 }).synced;
    const told = listen(sync, 'tasks');
    world.backend.edit('tasks', 'a', { title: 'two', mine: 0 });
    const older = structuredClone(world.backend.record('tasks', 'a')) as ServerRecord;
    world.backend.edit('tasks', 'a', { title: 'three', mine: 0 });
    world.backend.once('update', world.after(1_000, refuseWith(new ConflictError({ current: older }))));
    sync.collection('tasks').patch('a', { mine: 1 });
    await world.settle();
    socket.send({ type: 'change', change: await newest('tasks', 'a') });
    await world.runUntil(() => sync.queue.size === 0);
    expect(told.map(([, , version]) => version)).toEqual([3]);
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', title: 'three', mine: 1 });
  });

  it('G15 takes in a flood of frames in parts, whether or not time passes', async () => {
    const { sync, socket } = await goLive();
    const sizes: number[] = [];
    sync.collection('tasks').changes$.subscribe(({ length }) => sizes.push(length));
    for (let index = 0; index < 1_200; index += 1) {
      const id = `flood-${index}`;
      const record = { entity: { id, updatedAt: '2026-01-01T00:00:00.000Z' }, version: 1 };
      socket.send({ type: 'change', change: { collection: 'tasks', id, record } });
    }
    await world.settle();
    expect(sizes).toEqual([1_000]);
    await world.advance(0);
    expect(sizes).toEqual([1_000, 200]);
  });

  it('S39 reads everything again when the socket opens in another epoch', async () => {
    const { sync, socket } = await goLive();
    world.backend.epoch = 'one';
    await sync.pull();
    socket.drop();
    world.backend.epoch = 'two';
    await world.runUntil(() => world.backend.sockets.length > 0);
    world.backend.sockets[0]?.send({ type: 'open', epoch: 'two' });
    await world.settle();
    expect(cursors().filter((cursor) => cursor === null).length).toBe(2);
    expect(sync.getSnapshot().realTime).toBe('live');
  });

  it('S41 listens to what it is asked to, and refuses what is no channel', async () => {
    const { sync } = await goLive();
    for (const channel of ['', 'users/', '/42', 'users/.', 'a b', 'users/..']) {
      expect(() => sync.realTime.subscribe(channel, () => undefined)).toThrow(
        expect.objectContaining({ name: 'SyncError' }),
      );
    }
  });
});
