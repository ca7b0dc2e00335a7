import { describe, expect, it } from 'vitest';
import { ForbiddenError, RejectedError, type ISyncService, type SyncState } from '../../src/index.ts';
import { loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';

function countsOf(sync: ISyncService): Record<string, number> {
  const { pending, parked, conflicts } = sync.getSnapshot();
  const withStatus = (wanted: string) => sync.queue.list().filter(({ status }) => status === wanted).length;
  expect(sync.queue.size).toBe(pending + parked + conflicts);
  expect([withStatus('parked'), withStatus('conflicted')]).toEqual([parked, conflicts]);
  return { pending, parked, conflicts };
}

describe('counts', () => {
  it('S25 do not overlap: each operation counts once, where the first that fits says', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', 'contested', { title: 'a' });
    const sync = await world.open({ conflict: 'manual', collections: { tasks: {} } });
    await sync.pull();
    world.backend.always('create', async (call, apply) => {
      if (call.id === 'refused') throw new ForbiddenError();
      return apply();
    });
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 0, conflicts: 0 });
    world.backend.edit('tasks', 'contested', { title: 'theirs' });
    sync.collection('tasks').patch('contested', { title: 'ours' });
    sync.collection('tasks').put({ id: 'refused', n: 1 });
    await world.settle();
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 1, conflicts: 1 });
    world.setOnLine(false);
    sync.collection('tasks').patch('contested', { done: true });
    sync.collection('tasks').put({ id: 'fresh', n: 1 });
    expect(countsOf(sync)).toEqual({ pending: 1, parked: 1, conflicts: 2 });
    const tasks = sync.collection('tasks');
    expect(['contested', 'refused', 'fresh', 'unheard'].map((id) => tasks.status(id))).toEqual([
      'conflicted',
      'parked',
      'pending',
      'unknown-entity',
    ]);
  });

  it('S25 what waits behind a parked operation counts as parked, until it supersedes it', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', world.after(100, refuseWith(new ForbiddenError())));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    sync.collection('tasks').patch('1', { n: 2 });
    expect(countsOf(sync)).toEqual({ pending: 2, parked: 0, conflicts: 0 });
    await world.advance(100);
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 2, conflicts: 0 });
    world.setOnLine(false);
    sync.collection('tasks').patch('1', { n: 3 });
    expect(countsOf(sync)).toEqual({ pending: 3, parked: 0, conflicts: 0 });
  });

  it('S25 survive a restart', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', 'contested', { title: 'a' });
    const sync = await world.open({ conflict: 'manual', collections: { tasks: {} } });
    await sync.pull();
    world.backend.edit('tasks', 'contested', { title: 'theirs' });
    world.backend.once('create', refuseWith(new RejectedError({ status: 422, detail: { why: 'n' } })));
    sync.collection('tasks').put({ id: 'refused', n: 1 });
    sync.collection('tasks').patch('contested', { title: 'ours' });
    await world.settle();
    world.setOnLine(false);
    sync.collection('tasks').put({ id: 'fresh', n: 1 });
    const before = countsOf(sync);
    await sync.close();
    const again = await world.open({ conflict: 'manual' });
    expect(countsOf(again)).toEqual(before);
    expect(again.queue.parked()).toMatchObject([
      { entityId: 'refused', error: { code: 'rejected', status: 422, detail: { why: 'n' } } },
    ]);
  });

  it('S25 an entity is sending while its request is out, pending while the next waits, synced after', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(100));
    const seen: string[] = [];
    sync
      .collection('tasks')
      .status$('1')
      .subscribe((status) => seen.push(status));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(1_000);
    sync.collection('tasks').delete('1');
    await world.advance(1_000);
    expect(seen).toEqual(['unknown-entity', 'pending', 'sending', 'synced', 'pending', 'sending', 'unknown-entity']);
  });

  it('S25 settling, discarding and retrying bring the counts back to nothing', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('create', refuseWith(new ForbiddenError()));
    for (const id of ['1', '2', '3']) sync.collection('tasks').put({ id, n: 1 });
    await world.settle();
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 3, conflicts: 0 });
    const [first, second, third] = sync.queue.parked();
    await sync.queue.discard(first!.id);
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 2, conflicts: 0 });
    world.backend.always('create', null);
    await sync.queue.retry(second!.id);
    await sync.queue.edit(third!.id, { id: '3', n: 2 });
    await sync.flush();
    expect(countsOf(sync)).toEqual({ pending: 0, parked: 0, conflicts: 0 });
    expect(sync.queue.list()).toEqual([]);
    expect([1, 2, 3].map((id) => world.backend.entity('tasks', `${id}`))).toEqual([
      undefined,
      { id: '2', n: 1 },
      { id: '3', n: 2 },
    ]);
  });

  it('the snapshot is the same object until something changes, and listeners are told once per tick', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    const before = sync.getSnapshot();
    expect(sync.getSnapshot()).toBe(before);
    const told: SyncState[] = [];
    sync.subscribe((state) => told.push(state));
    for (let n = 0; n < 50; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
    expect(sync.getSnapshot().pending).toBe(50);
    await world.settle();
    expect(told.map(({ pending }) => pending)).toEqual([50]);
    expect(told[0]).toBe(sync.getSnapshot());
  });

  it('progress tells of the drain under way, and lastSyncedAt of the last answer', async () => {
    const world = makeWorld();
    const sync = await world.open({ concurrency: 1 });
    world.backend.always('write', world.after(1_000));
    sync.pause();
    for (let n = 0; n < 4; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
    await world.settle();
    sync.resume();
    await world.advance(2_500);
    expect(sync.getSnapshot()).toMatchObject({ queue: 'draining', progress: { done: 2, total: 4 } });
    expect(sync.getSnapshot().lastSyncedAt).toBe(new Date(world.clock.now() - 500).toISOString());
    await world.advance(2_000);
    expect(sync.getSnapshot()).toMatchObject({ queue: 'idle', progress: null });
  });
});

describe('stalled', () => {
  it('S25 after two minutes in which nothing blocks and nothing gets through', async () => {
    const world = makeWorld();
    const sync = await world.open();
    await world.advance(3_600_000);
    world.backend.always('write', refuseWith(Object.assign(new Error('no'), { code: 'unavailable', status: 503 })));
    sync.collection('tasks').put({ id: '1', n: 1 });
    expect(sync.getSnapshot().stalled).toBe(false);
    const told: boolean[] = [];
    sync.subscribe(({ stalled }) => told.push(stalled));
    await world.advance(119_000);
    expect(told).not.toContain(true);
    await world.advance(2_000);
    expect(sync.getSnapshot().stalled).toBe(true);
    expect(told).toContain(true);
    world.backend.always('write', null);
    await sync.flush();
    await world.settle();
    expect(sync.getSnapshot().stalled).toBe(false);
  });

  it('S25 is measured from when nothing blocks any more', async () => {
    const world = makeWorld({ onLine: false });
    world.backend.always('probe', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(3_600_000);
    expect(sync.getSnapshot().stalled).toBe(false);
    world.backend.always('probe', null);
    world.backend.always('write', neverAnswer);
    world.setOnLine(true);
    await world.runUntil(() => world.backend.writes().length > 0);
    expect(sync.getSnapshot().stalled).toBe(false);
  });

  it('S25 looks at pending only, and never while something blocks', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new ForbiddenError()));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({ parked: 1, pending: 0, stalled: false });
    sync.pause();
    sync.collection('tasks').put({ id: '2', n: 1 });
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 1, stalled: false, queue: 'paused', blockers: ['paused'] });
  });
});

describe('errors of the state', () => {
  it('an error of the way is gone when the backend answers a probe, with nothing to send', async () => {
    const world = makeWorld({ changes: false });
    world.backend.once('probe', loseRequest);
    const sync = await world.open();
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'connecting', error: { code: 'unavailable' } });
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', error: null });
  });

  it('an error of the storage stays until the storage works again', async () => {
    const world = makeWorld();
    const sync = await world.open();
    const { setItem } = world.storage;
    world.storage.setItem = () => Promise.reject(new Error('quota'));
    const write = sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(30_000);
    await expect(write.durable).rejects.toMatchObject({ code: 'storage-failed' });
    await sync.pull();
    expect(sync.getSnapshot().error).toMatchObject({ code: 'storage-failed' });
    world.storage.setItem = setItem;
    sync.collection('tasks').put({ id: '2', n: 1 });
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ error: null, pending: 0 });
  });

  it.each([
    ['admin', 'tasks'],
    ['tasks', 'admin'],
  ])('a feed that fails is not forgotten when another one is read: %s, %s', async (...names) => {
    const world = makeWorld();
    const forbidden = (call: { collection: string }) => call.collection === 'admin';
    world.backend.always('changes', async (call, apply) => {
      if (forbidden(call)) throw new ForbiddenError();
      return apply();
    });
    const sync = await world.open({ collections: Object.fromEntries(names.map((name) => [name, {}])) });
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', error: { code: 'forbidden' } });
    await sync.collection('tasks').pull();
    expect(sync.getSnapshot()).toMatchObject({ error: { code: 'forbidden' } });
    world.backend.always('changes', null);
    await sync.pull();
    expect(sync.getSnapshot().error).toBeNull();
  });

  it('a feed that fails is not forgotten when the socket is live', async () => {
    const world = makeWorld({ realTime: true });
    world.backend.always('changes', refuseWith(new ForbiddenError()));
    const sync = await world.open({ collections: { admin: {} } });
    sync.enableRealTime();
    await world.settle();
    world.backend.sockets[0]?.send({ type: 'open' });
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ realTime: 'live', error: { code: 'forbidden' } });
  });
});
