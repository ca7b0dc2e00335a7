import { afterEach, describe, expect, it } from 'vitest';
import { firstValueFrom } from 'rxjs';
import { RejectedError, type ISyncService, type SyncEvent, type SyncOptions } from '../../src/index.ts';
import { createPlannedStorage, type PlannedStorage, type StorageCall } from '../../src/testing/planned-storage.ts';
import { codeOf, createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
let storage: PlannedStorage;
afterEach(() => world.closeAll());

async function open(options: SyncOptions = {}): Promise<ISyncService> {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage });
  return world.open(options);
}

const failWrites = (call: StorageCall) => (call.method === 'setItem' ? 'failed' : 'done');
const list = (sync: ISyncService, collection = 'tasks') =>
  sync
    .collection(collection)
    .list()
    .map(({ id, title }: { id: string; title?: string }) => `${id}:${title}`);
const counts = (sync: ISyncService) => {
  const { pending, parked, conflicts } = sync.getSnapshot();
  return { pending, parked, conflicts, size: sync.queue.size, operations: sync.queue.list().length };
};
const eventsOf = (sync: ISyncService) => {
  const types: SyncEvent['type'][] = [];
  sync.events$.subscribe(({ type }) => types.push(type));
  return types;
};

describe('a storage that fails', () => {
  it('S31 takes every write that is not durable back, to exactly what is durable', async () => {
    const sync = await open();
    sync.pause();
    const tasks = sync.collection('tasks');
    tasks.put({ id: 'a', title: 'one' });
    tasks.put({ id: 'b', title: 'one' });
    await tasks.patch('b', { title: 'two' }).durable;
    const before = { list: list(sync), counts: counts(sync), queue: sync.queue.list(), a: tasks.get('a') };
    const events = eventsOf(sync);
    const seen: unknown[] = [];
    tasks.entity$('a').subscribe((entity) => seen.push((entity as { title?: string } | undefined)?.title));

    storage.plan(failWrites);
    const writes = [
      tasks.patch('a', { title: 'lost' }),
      tasks.delete('b'),
      tasks.put({ id: 'c', title: 'lost' }),
      tasks.patch('c', { title: 'lost too' }),
    ];
    expect(list(sync)).toEqual(['a:lost', 'c:lost too']);
    const standings = writes.map(({ synced }) => watch(synced));
    const codes = await Promise.all(writes.map(({ durable }) => codeOf(durable)));
    await world.settle();
    expect(codes).toEqual(writes.map(() => 'storage-failed'));
    expect(standings.map((standing) => standing())).toEqual(
      writes.map(() => ({ is: 'rejected', error: expect.objectContaining({ code: 'storage-failed' }) as unknown })),
    );
    expect({ list: list(sync), counts: counts(sync), queue: sync.queue.list(), a: tasks.get('a') }).toEqual(before);
    expect([tasks.status('c'), tasks.status('b')]).toEqual(['unknown-entity', 'pending']);
    expect(seen).toEqual(['one', 'lost', 'one']);
    expect(events).toContain('storage.failed');
    expect(sync.getSnapshot().error?.code).toBe('storage-failed');

    storage.plan(() => 'done');
    await tasks.put({ id: 'd', title: 'kept' }).durable;
    await sync.close();
    const again = await world.open();
    expect(list(again)).toEqual(['a:one', 'b:two', 'd:kept']);
  });

  it('S31 resolves or rejects syncEntity with the storage', async () => {
    const sync = await open();
    storage.plan(failWrites);
    expect(await codeOf(sync.syncEntity('tasks', { id: 'a' }))).toBe('storage-failed');
    expect(await codeOf(sync.deleteEntity('tasks', 'a'))).toBe('storage-failed');
    expect([world.backend.writes().length, sync.queue.size]).toEqual([0, 0]);
  });

  it('G19 sends what is durable and takes in what others wrote while the storage fails, and stores it afterwards', async () => {
    const sync = await open({ collections: { tasks: {} } });
    sync.pause();
    const tasks = sync.collection('tasks');
    const write = tasks.put({ id: 'a', title: 'durable' });
    await write.durable;
    storage.plan(failWrites);
    world.backend.edit('tasks', 'b', { title: 'theirs' });
    sync.resume();
    await sync.pull();
    await world.settle();
    expect(await codeOf(tasks.put({ id: 'c', title: 'lost' }).durable)).toBe('storage-failed');
    await world.runUntil(() => sync.queue.size === 0);
    expect(await write.synced).toMatchObject({ title: 'durable', version: 1 });
    expect(world.backend.effects.length).toBe(1);
    expect(list(sync)).toEqual(['a:durable', 'b:theirs']);
    storage.plan(() => 'done');
    await world.advance(120_000);
    await sync.close();
    world.setOnLine(false);
    const again = await world.open();
    expect([list(again), again.queue.size]).toEqual([['a:durable', 'b:theirs'], 0]);
  });

  it('S31 keeps remote changes over a write that was taken back', async () => {
    const sync = await open({ collections: { tasks: {} } });
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one', done: false }).synced;
    sync.pause();
    storage.plan((call) => (call.method === 'setItem' ? 'late' : 'done'));
    const lost = codeOf(tasks.patch('a', { done: true }).durable);
    world.backend.edit('tasks', 'a', { title: 'theirs', done: false });
    const pulled = sync.pull();
    await world.settle();
    expect(tasks.get('a')).toMatchObject({ title: 'theirs', done: true });
    storage.plan(failWrites);
    await world.advance(30_000);
    expect(await lost).toBe('storage-failed');
    await pulled;
    expect(tasks.get('a')).toMatchObject({ title: 'theirs', done: false, version: 2 });
    expect(counts(sync)).toEqual({ pending: 0, parked: 0, conflicts: 0, size: 0, operations: 0 });
  });

  it('S31 replaces a write that timed out and landed later', async () => {
    const sync = await open();
    sync.pause();
    const tasks = sync.collection('tasks');
    storage.plan((call) => (call.method === 'setItem' ? 'late' : 'done'));
    const lost = watch(codeOf(tasks.put({ id: 'lost', title: 'x' }).durable));
    await world.runUntil(() => lost().is !== 'open');
    expect(lost()).toEqual({ is: 'resolved', value: 'storage-failed' });
    storage.plan(() => 'done');
    await tasks.put({ id: 'kept', title: 'x' }).durable;
    expect(storage.land()).toBeGreaterThan(0);
    await world.advance(60_000);
    await sync.close();
    const again = await world.open();
    expect(list(again)).toEqual(['kept:x']);
  });

  it('S31 rejects a write when the storage never answers', async () => {
    const sync = await open();
    storage.plan((call) => (call.method === 'setItem' ? 'silent' : 'done'));
    const write = sync.collection('tasks').put({ id: 'a', title: 'x' });
    const standing = watch(codeOf(write.durable));
    await world.runUntil(() => standing().is !== 'open', 60_000);
    expect([standing(), list(sync)]).toEqual([{ is: 'resolved', value: 'storage-failed' }, []]);
    storage.plan(() => 'done');
    await world.advance(60_000);
  });

  it('S31 takes a form back that was opened on an older version, and leaves what it would have absorbed', async () => {
    const sync = await open({ collections: { tasks: {} } });
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one', done: false }).synced;
    const form = tasks.get('a') as { id: string; title: string; done: boolean; version: number };
    world.backend.edit('tasks', 'a', { title: 'theirs', done: false });
    await sync.pull();
    sync.pause();
    const earlier = tasks.patch('a', { note: 'mine' });
    await earlier.durable;
    storage.plan(failWrites);
    const standing = watch(earlier.synced);
    expect(await codeOf(tasks.put({ ...form, done: true }).durable)).toBe('storage-failed');
    storage.plan(() => 'done');
    expect(tasks.get('a')).toMatchObject({ title: 'theirs', note: 'mine', done: false });
    expect([standing(), counts(sync).pending]).toEqual([{ is: 'open' }, 1]);
    sync.resume();
    const flushed = watch(sync.flush());
    await world.runUntil(() => flushed().is !== 'open');
    expect(await earlier.synced).toMatchObject({ title: 'theirs', note: 'mine' });
  });

  it('S31 puts a parked entity back into its place when the write over it is taken back', async () => {
    const sync = await open();
    const tasks = sync.collection('tasks');
    world.backend.once('create', () => {
      throw new RejectedError({ status: 422 });
    });
    await tasks.put({ id: 'a', title: 'bad' }).synced.catch(() => undefined);
    expect(counts(sync)).toEqual({ pending: 0, parked: 1, conflicts: 0, size: 1, operations: 1 });
    await world.settle();
    storage.plan(failWrites);
    expect(await codeOf(tasks.patch('a', { title: 'good' }).durable)).toBe('storage-failed');
    expect([counts(sync).parked, tasks.status('a'), list(sync)]).toEqual([1, 'parked', ['a:bad']]);
    storage.plan(() => 'done');
    await world.advance(60_000);
    await tasks.patch('a', { title: 'good' }).synced;
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', title: 'good' });
  });

  it('S46 takes all of a batch back', async () => {
    const sync = await open();
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one' }).synced;
    storage.plan(failWrites);
    const writes = sync.batch(() => [tasks.patch('a', { title: 'two' }), tasks.put({ id: 'b', title: 'x' })]);
    expect(list(sync)).toEqual(['a:two', 'b:x']);
    expect(await Promise.all(writes.map(({ durable }) => codeOf(durable)))).toEqual([
      'storage-failed',
      'storage-failed',
    ]);
    expect([list(sync), counts(sync).pending]).toEqual([['a:one'], 0]);
  });

  it('S31 keeps a resolution in memory and does not send it before it is durable', async () => {
    const sync = await open({ collections: { tasks: { conflict: 'manual' } } });
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one' }).synced;
    sync.pause();
    await tasks.patch('a', { title: 'mine' }).durable;
    world.backend.edit('tasks', 'a', { title: 'theirs' });
    await sync.pull();
    await world.settle();
    expect(tasks.status('a')).toBe('conflicted');
    storage.plan(failWrites);
    sync.resume();
    const [conflict] = sync.conflicts.list();
    const resolved = watch(sync.conflicts.resolve(conflict?.id ?? '', 'local'));
    await world.advance(5_000);
    expect([resolved().is, world.backend.writes().length]).toEqual(['open', 1]);
    storage.plan(() => 'done');
    await world.runUntil(() => sync.queue.size === 0);
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', title: 'mine' });
    expect(resolved().is).toBe('resolved');
  });

  it('S26 sends nothing that was being sealed when the app paused', async () => {
    const sync = await open();
    storage.plan((call) => (call.method === 'setItem' ? 'late' : 'done'));
    const write = sync.collection('tasks').put({ id: 'a', title: 'x' });
    await world.settle();
    storage.land();
    await write.durable;
    await world.settle();
    sync.pause();
    storage.plan(() => 'done');
    storage.land();
    await world.advance(5_000);
    expect([world.backend.writes().length, sync.getSnapshot().pending]).toEqual([0, 1]);
    sync.resume();
    await sync.flush();
    expect(world.backend.effects.length).toBe(1);
  });

  it('S28 stores a remote change no later than an operation that was built on it', async () => {
    const sync = await open({ collections: { tasks: {} } });
    await sync.pull();
    world.backend.edit('tasks', 'a', { title: 'theirs', done: false });
    sync.pause();
    await sync.pull();
    await sync.collection('tasks').patch('a', { done: true }).durable;
    const copy = createPlannedStorage(new Map(storage.items));
    const other = createServiceWorld({ storage: copy, onLine: false });
    const again = await other.open();
    expect(again.collection('tasks').get('a')).toMatchObject({ title: 'theirs', done: true, version: 1 });
    expect(again.queue.list()).toMatchObject([{ type: 'update', baseVersion: 1 }]);
    await other.closeAll();
  });

  it('S33 works in memory, says so, and reports it, when the storage cannot be read at the start', async () => {
    storage = createPlannedStorage();
    world = createServiceWorld({ storage });
    storage.plan(() => 'failed');
    const sync = world.create();
    const events = eventsOf(sync);
    await sync.ready;
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ durable: false, error: { code: 'storage-failed' } });
    expect(events).toEqual(['storage.failed']);
    const write = sync.collection('tasks').put({ id: 'a', title: 'x' });
    await write.durable;
    expect(await write.synced).toMatchObject({ version: 1 });
    expect(storage.items.size).toBe(0);
  });

  it('S33 waits for no storage that never answers', async () => {
    storage = createPlannedStorage();
    world = createServiceWorld({ storage });
    storage.plan(() => 'silent');
    const sync = world.create();
    const write = sync.collection('tasks').put({ id: 'a', title: 'early' });
    const ready = watch(sync.ready);
    await world.runUntil(() => ready().is !== 'open', 120_000);
    expect([ready().is, sync.getSnapshot().durable, list(sync)]).toEqual(['resolved', false, ['a:early']]);
    await write.durable;
  });

  it('S33 is durable with a storage that lasts, and is not with the memory driver', async () => {
    const sync = await open();
    expect(sync.getSnapshot().durable).toBe(true);
    const inMemory = createServiceWorld();
    const other = await inMemory.open();
    expect(other.getSnapshot().durable).toBe(false);
    expect((await firstValueFrom(other.state$)).durable).toBe(false);
    await inMemory.closeAll();
  });
});
