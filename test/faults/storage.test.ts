import { afterEach, describe, expect, it } from 'vitest';
import type { ISyncService, SyncEvent } from '../../src/index.ts';
import { createPlannedStorage, type PlannedStorage, type StorageFate } from '../../src/testing/planned-storage.ts';
import { codeOf, createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
let storage: PlannedStorage;
afterEach(() => world.closeAll());

function start(items?: Map<string, unknown>): void {
  storage = createPlannedStorage(items);
  world = createServiceWorld({ storage });
}

const titles = (sync: ISyncService) =>
  sync
    .collection('tasks')
    .list()
    .map(({ id, title }: { id: string; title?: string }) => `${id}:${title}`);

function eventsOf(sync: ISyncService): SyncEvent['type'][] {
  const types: SyncEvent['type'][] = [];
  sync.events$.subscribe(({ type }) => types.push(type));
  return types;
}

const followed = { collections: { tasks: {} } };

const failures: readonly [string, StorageFate][] = [
  ['refuses: quota, aborted transaction, lost connection', 'failed'],
  ['never settles', 'silent'],
  ['stores and never settles', 'unanswered'],
  ['settles when nobody waits any more', 'late'],
];

describe('a storage that', () => {
  it.each(failures)('G19 %s rejects the write and takes it back, and everything else goes on', async (_, fate) => {
    start();
    const sync = await world.open(followed);
    const events = eventsOf(sync);
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'stored', title: 'a' }).synced;
    sync.pause();
    const waiting = tasks.patch('stored', { title: 'b' });
    await waiting.durable;

    storage.plan(({ method }) => (method === 'setItem' ? fate : 'done'));
    const [lost, edited] = [tasks.put({ id: 'lost', title: 'x' }), tasks.patch('stored', { title: 'x' })];
    const codes = watch(Promise.all([codeOf(lost.durable), codeOf(lost.synced), codeOf(edited.durable)]));
    expect(titles(sync)).toEqual(['lost:x', 'stored:x']);
    await world.runUntil(() => codes().is !== 'open');
    expect(codes()).toEqual({ is: 'resolved', value: ['storage-failed', 'storage-failed', 'storage-failed'] });
    expect(titles(sync)).toEqual(['stored:b']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 1, error: { code: 'storage-failed' } });
    expect(events).toContain('storage.failed');

    world.backend.edit('tasks', 'theirs', { title: 'c' });
    sync.resume();
    await Promise.all([sync.pull(), world.advance(60_000)]);
    expect(await waiting.synced).toMatchObject({ title: 'b', version: 2 });
    expect(titles(sync)).toEqual(['stored:b', 'theirs:c']);
    expect(world.backend.effects.length).toBe(2);

    storage.plan(() => 'done');
    storage.land();
    await world.advance(120_000);
    const again = tasks.put({ id: 'again', title: 'd' });
    await Promise.all([again.durable, world.advance(1_000)]);
    expect(await again.synced).toMatchObject({ version: 1 });
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
    await sync.close();

    const items = new Map(storage.items);
    world.setOnLine(false);
    const next = await world.open(followed);
    expect([titles(next), next.queue.size, items.size > 0]).toEqual([['again:d', 'stored:b', 'theirs:c'], 0, true]);
  });

  it('G19 loses its connection is opened again once, and the write never hears of it', async () => {
    start();
    const sync = await world.open();
    let isLost = true;
    storage.plan(({ method }) => {
      if (method === 'reopen') isLost = false;
      return isLost ? 'failed' : 'done';
    });
    const write = sync.collection('tasks').put({ id: 'a', title: 'a' });
    await write.durable;
    expect(await write.synced).toMatchObject({ version: 1 });
    expect(sync.getSnapshot().error).toBe(null);
  });

  it.each(['failed', 'silent'] as const)(
    'G19 S33 cannot be read at the start (%s) is done without, visibly, and its data is left alone',
    async (fate) => {
      start();
      const before = await world.open();
      await before.collection('tasks').put({ id: 'kept', title: 'a' }).durable;
      before.pause();
      await before.close();
      const items = new Map(storage.items);
      storage.plan(() => fate);
      const sync = world.create();
      const events = eventsOf(sync);
      const ready = watch(sync.ready);
      await world.runUntil(() => ready().is !== 'open', 120_000);
      expect(sync.getSnapshot()).toMatchObject({ durable: false, error: { code: 'storage-failed' } });
      expect(events).toContain('storage.failed');
      const write = sync.collection('tasks').put({ id: 'b', title: 'b' });
      await Promise.all([write.durable, world.advance(1_000)]);
      expect(await write.synced).toMatchObject({ version: 1 });
      expect(storage.items).toEqual(items);
    },
  );

  it('G19 G1 is wiped while it is open gets everything back that is in memory, under a log of its own', async () => {
    start();
    world.backend.edit('tasks', 'theirs', { title: 'a' });
    const sync = await world.open(followed);
    const events = eventsOf(sync);
    await sync.pull();
    sync.pause();
    const tasks = sync.collection('tasks');
    await Promise.all([
      tasks.put({ id: 'mine', title: 'b' }).durable,
      tasks.patch('theirs', { title: 'mine, too' }).durable,
    ]);
    storage.items.clear();
    world.backend.edit('tasks', 'meanwhile', { title: 'c' });
    world.signalPage('resumed');
    await world.advance(10_000);
    expect(events).toContain('storage.lost');
    expect(titles(sync)).toEqual(['meanwhile:c', 'mine:b', 'theirs:mine, too']);
    const after = tasks.put({ id: 'after', title: 'd' });
    await after.durable;
    const copy = createServiceWorld({ storage: createPlannedStorage(new Map(storage.items)), onLine: false });
    const crashed = await copy.open(followed);
    expect(titles(crashed)).toEqual(['after:d', 'meanwhile:c', 'mine:b', 'theirs:mine, too']);
    expect(crashed.queue.list().map(({ id }) => id)).toEqual(sync.queue.list().map(({ id }) => id));
    await copy.closeAll();
    sync.resume();
    await world.advance(60_000);
    expect(await after.synced).toMatchObject({ version: 1 });
    expect(new Set(world.backend.effects).size).toBe(3);
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('G19 fails at sign-out says so, and the data is still there', async () => {
    start();
    const sync = await world.open({ user: 'ada' });
    sync.pause();
    await sync.collection('tasks').put({ id: 'a', title: 'a' }).durable;
    storage.plan(({ method }) => (method === 'removeItem' || method === 'clear' ? 'failed' : 'done'));
    const outcome = watch(codeOf(sync.signOut({ pending: 'discard' })));
    await world.runUntil(() => outcome().is !== 'open');
    expect(outcome()).toEqual({ is: 'resolved', value: 'storage-failed' });
    storage.plan(() => 'done');
    expect(storage.items.size).toBeGreaterThan(0);
  });
});
