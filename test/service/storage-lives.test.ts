import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSyncService, type ISyncService, type SyncError, type SyncEvent } from '../../src/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { codeOf, createServiceWorld, idsOf, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

const keysOf = async () => (await world.storage.keys()).sort();

/** Enough bytes to make the journal write its pages. */
async function checkpoint(sync: ISyncService, mark: string): Promise<void> {
  const before = (await keysOf()).filter((key) => key.includes('/manifest/')).join();
  for (let round = 0; round < 5; round += 1)
    sync.collection('ballast').put({ id: 'x', text: `${mark}${round}`.padEnd(300_000, 'x') });
  await world.settle();
  await world.runUntil(() => sync.queue.size === 0);
  await world.advance(5_000);
  expect((await keysOf()).filter((key) => key.includes('/manifest/')).join()).not.toBe(before);
}

describe('lives of a storage', () => {
  it('S29 brings nothing back that was deleted and acknowledged, over many lives and pages', async () => {
    world = createServiceWorld({ storage: createPlannedStorage() });
    for (let row = 0; row < 600; row += 1) world.backend.edit('tasks', `row-${row}`, { title: 'row' });
    const life = async (run: (sync: ISyncService) => Promise<unknown>): Promise<void> => {
      const sync = await world.open({ collections: { tasks: {} } });
      await sync.pull();
      await run(sync);
      await sync.close();
    };
    const has: boolean[] = [];
    await life(async (sync) => {
      await sync.collection('tasks').put({ id: 'x', title: 'one' }).synced;
      await checkpoint(sync, 'a');
      await sync.collection('tasks').delete('x').synced;
      await checkpoint(sync, 'b');
    });
    await life(async (sync) => {
      has.push(sync.collection('tasks').has('x'));
      await sync.collection('tasks').put({ id: 'x', title: 'two' }).synced;
      await checkpoint(sync, 'c');
    });
    await life(async (sync) => {
      has.push(sync.collection('tasks').has('x'));
      await sync.collection('tasks').patch('row-1', { title: 'changed' }).synced;
      await checkpoint(sync, 'd');
      await sync.collection('tasks').delete('x').synced;
      await checkpoint(sync, 'e');
    });
    await life(async (sync) => {
      has.push(sync.collection('tasks').has('x'));
      await sync.collection('tasks').put({ id: 'y', title: 'y' }).synced;
      await checkpoint(sync, 'f');
    });
    world.setOnLine(false);
    const last = await world.open({ collections: { tasks: {} } });
    has.push(last.collection('tasks').has('x'));
    expect(has).toEqual([false, true, false, false]);
    expect(last.collection('tasks').count()).toBe(601);
  });

  it('S41 keeps users and names apart: another one neither sees nor sends', async () => {
    world = createServiceWorld({ storage: createPlannedStorage(), onLine: false });
    const ada = await world.open({ user: 'ada' });
    await ada.collection('tasks').put({ id: 'a', title: 'ada' }).durable;
    await ada.close();
    for (const options of [{ user: 'bob' }, { user: 'ad' }, { user: 'ada/x' }, {}, { user: 'ada', name: 'other' }]) {
      const other = await world.open(options);
      expect([options, idsOf(other, 'tasks'), other.queue.size]).toEqual([options, [], 0]);
      await other.close();
    }
    world.setOnLine(true);
    const bob = await world.open({ user: 'bob' });
    await bob.flush();
    expect(world.backend.writes()).toEqual([]);
    await bob.signOut({ pending: 'discard' });
    const again = await world.open({ user: 'ada' });
    await again.flush();
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', title: 'ada' });
  });

  it.each(['Keep', null, 'wipe'])('S35 signs nobody out for a word that is none: %j', async (pending) => {
    world = createServiceWorld({ storage: createPlannedStorage(), onLine: false });
    const sync = await world.open();
    await sync.collection('tasks').put({ id: 'a' }).durable;
    const before = await keysOf();
    await expect(sync.signOut({ pending } as never)).rejects.toMatchObject({
      code: 'invalid-option',
      path: '/pending',
    });
    await sync.collection('tasks').put({ id: 'b' }).durable;
    expect([idsOf(sync, 'tasks'), sync.queue.size, before.length > 0]).toEqual([['a', 'b'], 2, true]);
  });

  it('S35 keeps the queue at sign-out, or wipes it, or hands it out and wipes it', async () => {
    world = createServiceWorld({ storage: createPlannedStorage(), onLine: false });
    const other = await world.open({ user: 'other' });
    await other.collection('tasks').put({ id: 'theirs' }).durable;
    await other.close();
    const foreign = await keysOf();

    const kept = await world.open({ user: 'ada' });
    const write = kept.collection('tasks').put({ id: 'a', title: 'x' });
    expect(await kept.signOut()).toBe(undefined);
    expect(() => kept.collection('tasks').put({ id: 'b' })).toThrow(expect.objectContaining({ code: 'closed' }));
    await write.durable;

    const exported = await world.open({ user: 'ada' });
    expect(idsOf(exported, 'tasks')).toEqual(['a']);
    const operations: unknown = JSON.parse((await exported.signOut({ pending: 'export' })) ?? '');
    expect(operations).toMatchObject([{ type: 'create', collection: 'tasks', entityId: 'a', entity: { title: 'x' } }]);
    expect(await keysOf()).toEqual(foreign);

    const discarded = await world.open({ user: 'ada' });
    const given = discarded.collection('tasks').put({ id: 'b', title: 'x' });
    const synced = watch(given.synced);
    expect(await discarded.signOut({ pending: 'discard' })).toBe(undefined);
    await world.settle();
    expect(synced()).toEqual({ is: 'rejected', error: expect.objectContaining({ code: 'discarded' }) as unknown });
    expect(await keysOf()).toEqual(foreign);
    expect(world.clock.pending()).toBe(0);
  });

  it('S33 writes everything again, and catches up, when the storage was wiped while it was open', async () => {
    const storage = createPlannedStorage();
    world = createServiceWorld({ storage });
    world.backend.edit('tasks', 'theirs', { title: 'x' });
    const sync = await world.open({ collections: { tasks: {} } });
    const events: unknown[] = [];
    sync.events$.subscribe((event) => events.push('error' in event ? [event.type, event.error.code] : event.type));
    await sync.pull();
    sync.pause();
    await sync.collection('tasks').put({ id: 'mine', title: 'x' }).durable;
    const calls = world.backend.calls.length;
    storage.items.clear();
    world.signalPage('resumed');
    await world.advance(10_000);
    expect(events).toContainEqual(['storage.lost', 'storage-lost']);
    await sync.close();
    const again = world.create({ collections: { tasks: {} } });
    again.pause();
    await again.ready;
    expect([idsOf(again, 'tasks'), again.queue.list().map(({ entityId }) => entityId)]).toEqual([
      ['mine', 'theirs'],
      ['mine'],
    ]);
    again.resume();
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.calls.length).toBeGreaterThan(calls);
  });

  it('S33 asks the browser not to evict the data with the first write, once, and only where something lasts', async () => {
    const persist = vi.fn(() => Promise.reject(new Error('no')));
    vi.stubGlobal('navigator', { storage: { persist } });
    try {
      world = createServiceWorld({ storage: createPlannedStorage() });
      world.backend.edit('tasks', 'theirs', { title: 'x' });
      const sync = await world.open({ collections: { tasks: {} } });
      await sync.pull();
      expect(persist.mock.calls.length).toBe(0);
      sync.collection('tasks').put({ id: 'a' });
      sync.collection('tasks').put({ id: 'b' });
      await sync.flush();
      expect(persist.mock.calls.length).toBe(1);
      const inMemory = createServiceWorld();
      const other = await inMemory.open();
      await other.collection('tasks').put({ id: 'a' }).durable;
      await inMemory.closeAll();
      expect(persist.mock.calls.length).toBe(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('S33 does not call a storage lost that is there', async () => {
    world = createServiceWorld({ storage: createPlannedStorage() });
    const sync = await world.open();
    await sync.collection('tasks').put({ id: 'a' }).synced;
    await world.settle();
    const events: SyncEvent['type'][] = [];
    sync.events$.subscribe(({ type }) => events.push(type));
    world.signalPage('resumed');
    await world.advance(10_000);
    expect(events).toEqual([]);
  });

  it('G21 refuses a storage of a newer format untouched: ready rejects, writes throw, nothing is sent', async () => {
    const storage = createPlannedStorage(new Map([['syncline/999/default//journal/w/0000000001', { some: 'thing' }]]));
    world = createServiceWorld({ storage });
    const sync = world.create({ collections: { tasks: {} } });
    const early = sync.collection('tasks').put({ id: 'early', title: 'x' });
    const synced = sync.syncEntity('tasks', { id: 'b' });
    expect(await codeOf(sync.ready)).toBe('storage-newer');
    expect(await Promise.all([codeOf(early.durable), codeOf(early.synced), codeOf(synced)])).toEqual(
      Array.from({ length: 3 }, () => 'storage-newer'),
    );
    const refused = expect.objectContaining({ name: 'SyncError', code: 'storage-newer' }) as unknown as SyncError;
    expect(() => sync.collection('tasks').put({ id: 'a' })).toThrow(refused);
    expect(await codeOf(sync.syncEntity('tasks', { id: 'a' }))).toBe('storage-newer');
    expect(() => sync.batch(() => undefined)).toThrow(refused);
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({
      error: { code: 'storage-newer' },
      queue: 'waiting',
      connectivity: 'offline',
      durable: false,
      pending: 0,
    });
    expect([idsOf(sync, 'tasks'), world.backend.writes(), [...storage.items.keys()].length]).toEqual([[], [], 1]);
    await sync.close();
    expect(world.clock.pending()).toBe(0);
  });

  it('G20 sets a damaged record aside, says so, and loads the rest', async () => {
    const storage = createPlannedStorage();
    world = createServiceWorld({ storage, onLine: false });
    const sync = await world.open();
    await sync.collection('tasks').put({ id: 'a' }).durable;
    await sync.collection('tasks').put({ id: 'b' }).durable;
    await sync.close();
    const [first] = await keysOf();
    storage.items.set(first as string, 'garbage');
    const again = world.create();
    const events: SyncEvent[] = [];
    again.events$.subscribe((event) => events.push(event));
    await again.ready;
    await world.settle();
    expect(idsOf(again, 'tasks')).toEqual(['b']);
    expect(events).toMatchObject([{ type: 'record.quarantined', error: { code: 'record-damaged' } }]);
    expect([...storage.items.values()]).toContain('garbage');
  });

  it('S6 a clock that was set back between two lives changes nothing of what was stored in which order', async () => {
    const storage = createPlannedStorage();
    world = createServiceWorld({ storage, onLine: false });
    await world.advance(7 * 86_400_000);
    const sync = await world.open();
    await sync.collection('tasks').put({ id: 'a', title: 'one' }).durable;
    await sync.close();
    const earlier = createServiceWorld({ storage, onLine: false });
    const second = await earlier.open();
    await second.collection('tasks').patch('a', { title: 'two' }).durable;
    await second.collection('tasks').patch('a', { note: 'n' }).durable;
    const operations = second.queue.list();
    await earlier.closeAll();
    const third = await earlier.open();
    expect(third.collection('tasks').get('a')).toMatchObject({ title: 'two', note: 'n' });
    expect(third.queue.list()).toEqual(operations);
    await earlier.closeAll();
  });

  it('S24 stores what was written before close, also before ready, and leaves its promises open', async () => {
    world = createServiceWorld({ storage: createPlannedStorage(), onLine: false });
    const sync = world.create();
    const write = sync.collection('tasks').put({ id: 'a', title: 'x' });
    const synced = watch(write.synced);
    await sync.close();
    await write.durable;
    await world.settle();
    expect(synced()).toEqual({ is: 'open' });
    expect(() => sync.collection('tasks').put({ id: 'b' })).toThrow(expect.objectContaining({ code: 'closed' }));
    const again = await world.open();
    expect([idsOf(again, 'tasks'), again.queue.size]).toEqual([['a'], 1]);
    expect(world.clock.pending()).toBeGreaterThanOrEqual(0);
  });

  it('S44 closes what was never started without touching anything', async () => {
    const storage = createPlannedStorage();
    world = createServiceWorld({ storage });
    const sync = createSyncService(world.backend.apiClient, { storage, environment: world.environment });
    await sync.close();
    await sync.close();
    expect([storage.calls, world.backend.calls, world.clock.pending()]).toEqual([[], [], 0]);
    expect(() => sync.collection('tasks').put({ id: 'a' })).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(await codeOf(sync.ready)).toBe('closed');
    expect(storage.calls).toEqual([]);
  });
});
