import { afterEach, describe, expect, it } from 'vitest';
import {
  BadResponseError,
  ForbiddenError,
  RateLimitedError,
  UnavailableError,
  type ChangePage,
  type RemoteChange,
  type SyncEvent,
} from '../../src/index.ts';
import type { FakeBackendOptions } from '../support/fake-backend.ts';
import { codeOf, createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
const start = (options: FakeBackendOptions = {}): ServiceWorld => (world = createServiceWorld(options));
afterEach(() => world.closeAll());

const titles = (list: readonly { id: string; title?: string }[]) => list.map(({ id, title }) => `${id}:${title}`);
const change = (id: string, version: string | number, title: string | null, more: Partial<RemoteChange> = {}) => ({
  collection: 'tasks',
  id,
  record: title === null ? { entity: null, version, deleted: true } : { entity: { id, title, updatedAt: '' }, version },
  ...more,
});
const page = (changes: readonly RemoteChange[], cursor: string, more: Partial<ChangePage> = {}): ChangePage => ({
  changes,
  cursor,
  hasMore: false,
  ...more,
});
const cursorsOf = (collection = 'tasks') =>
  world.backend.calls
    .filter((call) => call.method === 'changes' && call.collection === collection)
    .map(({ content }) => (content as { cursor: string | null }).cursor);

describe('pages of the change feed', () => {
  it('S38 takes what a snapshot of several pages does not mention as gone, and replays from its first cursor', async () => {
    start();
    for (const id of ['a', 'b', 'c']) world.backend.edit('tasks', id, { title: 'old' });
    const sync = await world.open({ collections: { tasks: {} } });
    const tasks = sync.collection('tasks');
    await sync.pull();
    expect(titles(tasks.list())).toEqual(['a:old', 'b:old', 'c:old']);
    const told: [string, unknown][] = [];
    sync.realTime.subscribe('tasks', (entity, { id }) => told.push([id, entity]));

    world.backend.oldestCursor = 1_000;
    const pages = [
      page([change('a', 1, 'old')], 'first', { snapshot: true, hasMore: true }),
      page([change('d', 1, 'new')], 'second', { snapshot: true, hasMore: true }),
      page([], 'third', { snapshot: true }),
      page([change('a', 2, 'replayed')], 'end'),
    ];
    world.backend.always('changes', (call, apply) => {
      const { cursor } = call.content as { cursor: string | null };
      return cursor === '3' ? apply() : pages.shift();
    });
    const before = cursorsOf().length;
    await sync.pull();
    await world.settle();
    expect(cursorsOf().slice(before)).toEqual(['3', null, 'first', 'second', 'first']);
    expect(titles(tasks.list())).toEqual(['a:replayed', 'd:new']);
    expect(told.map(([id, entity]) => [id, entity === null])).toEqual([
      ['d', false],
      ['b', true],
      ['c', true],
      ['a', false],
    ]);
  });

  it('S38 G11 reads on where a snapshot of several pages ends: the feed went on while they were read', async () => {
    start();
    const pages = [
      page([change('a', 1, 'old')], 'first', { snapshot: true, hasMore: true }),
      page([change('b', 1, 'old')], 'began', { snapshot: true }),
      page([change('b', 1, 'old')], 'began', { snapshot: true }),
      page([change('a', 2, 'meanwhile')], 'end'),
    ];
    world.backend.always('changes', () => pages.shift());
    const sync = await world.open({ collections: { tasks: {} } });
    await world.settle();
    expect(cursorsOf()).toEqual([null, 'first', 'first', 'began']);
    expect(titles(sync.collection('tasks').list())).toEqual(['a:meanwhile', 'b:old']);
  });

  it('S38 makes a conflict of a row that a snapshot misses and that has a pending edit', async () => {
    start();
    world.backend.edit('tasks', 'a', { title: 'old' });
    const sync = await world.open({ collections: { tasks: { conflict: 'manual' } } });
    await sync.pull();
    sync.pause();
    sync.collection('tasks').patch('a', { title: 'mine' });
    world.backend.edit('tasks', 'a', null);
    world.backend.oldestCursor = 1_000;
    world.backend.always('changes', (call, apply) =>
      (call.content as { cursor: string | null }).cursor === null ? page([], '9', { snapshot: true }) : apply(),
    );
    await sync.pull();
    await world.settle();
    expect(sync.collection('tasks').status('a')).toBe('conflicted');
    expect(sync.conflicts.list().map(({ local, remote }) => [local?.id, remote])).toEqual([['a', null]]);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'mine' });
  });

  it('S38 does not take a row as gone that was created here while the snapshot was read', async () => {
    start();
    const sync = world.create({ collections: { tasks: {} } });
    world.backend.always('changes', async (call, apply) => {
      if ((call.content as { cursor: string | null }).cursor !== null) return apply();
      sync.collection('tasks').put({ id: 'mine', title: 'x' });
      await sync.whenSynced('tasks', 'mine');
      return page([], '0', { snapshot: true });
    });
    await sync.pull();
    expect(sync.collection('tasks').get('mine')).toMatchObject({ title: 'x' });
  });

  it('S38 stops at a feed that always calls its cursors expired', async () => {
    start();
    const sync = await world.open();
    world.backend.oldestCursor = 1_000;
    world.backend.always('changes', (call, apply) =>
      (call.content as { cursor: string | null }).cursor === null
        ? page([], '1', { snapshot: true, replayFrom: '0' })
        : apply(),
    );
    sync.collection('tasks').put({ id: 'a' });
    const code = watch(codeOf(sync.collection('tasks').pull()));
    await world.runUntil(() => code().is !== 'open');
    expect(code()).toEqual({ is: 'resolved', value: 'bad-response' });
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', []],
    ['no cursor', { changes: [], hasMore: false }],
    ['a change that is none', page([null as never], '1')],
    ['a change without a record', page([{ collection: 'tasks', id: 'a' } as never], '1')],
    ['a change with a number for an id', page([{ ...change('a', 1, 'x'), id: 7 as never }], '1')],
  ])('S36 rejects a pull that is answered with %s, and reads the page again later', async (_, answer) => {
    start();
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.pull();
    world.backend.edit('tasks', 'a', { title: 'x' });
    world.backend.once('changes', () => answer);
    expect(await codeOf(sync.pull())).toBe('bad-response');
    await world.advance(60_000);
    expect(titles(sync.collection('tasks').list())).toEqual(['a:x']);
  });

  it('S36 gives up on a page that says there is more and does not move', async () => {
    start();
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.pull();
    world.backend.always('changes', () => page([], '0', { hasMore: true }));
    expect(await codeOf(sync.pull())).toBe('bad-response');
  });

  it('G8 reads the other collections when one is refused or broken', async () => {
    start();
    world.backend.edit('open', 'a', { title: 'x' });
    world.backend.edit('last', 'a', { title: 'x' });
    world.backend.always('changes', (call, apply) => {
      if (call.collection === 'secret') throw new ForbiddenError();
      if (call.collection === 'broken') throw new BadResponseError();
      if (call.collection === 'busy') throw new UnavailableError({ status: 503 });
      return apply();
    });
    const sync = await world.open({ collections: { secret: {}, broken: {}, busy: {}, open: {}, last: {} } });
    const outcomes = ['secret', 'broken', 'busy', 'open'].map((name) => codeOf(sync.collection(name).pull()));
    expect(await Promise.all(outcomes)).toEqual(['forbidden', 'bad-response', 'unavailable', undefined]);
    await world.settle();
    expect(titles(sync.collection('last').list())).toEqual(['a:x']);
    expect(sync.isOnline()).toBe(true);
  });

  it('G8 reads on past what it may not see, and says so', async () => {
    start();
    const sync = world.create({ collections: { tasks: {} } });
    world.backend.always('changes', (call) => {
      const { cursor } = call.content as { cursor: string | null };
      if (cursor === null) return page([change('a', 'v1', 'one')], '1', { snapshot: true });
      if (cursor === '1')
        return page([change('a', 'v3', 'three', { baseVersion: 'v2' }), change('b', 'v1', 'seen')], '2');
      return page([], cursor);
    });
    world.backend.always('get', () => {
      throw new ForbiddenError();
    });
    await sync.pull();
    expect(await codeOf(sync.pull())).toBe('forbidden');
    expect(titles(sync.collection('tasks').list())).toEqual(['a:one', 'b:seen']);
    expect(await codeOf(sync.pull())).toBe(undefined);
    expect(cursorsOf().at(-1)).toBe('2');
  });

  it('S12 fetches what a change of string versions does not lead on from, once, and tells it once', async () => {
    start();
    const sync = world.create({ collections: { tasks: {} } });
    let told: unknown[] | null = null;
    world.backend.always('changes', (call) => {
      const { cursor } = call.content as { cursor: string | null };
      if (cursor === null) return page([change('a', 'v1', 'one')], '1', { snapshot: true });
      if (cursor === '1' && told) return page([change('a', 'v3', 'three', { baseVersion: 'v2' })], '2');
      return page([], cursor);
    });
    await sync.pull();
    told = [];
    sync.realTime.subscribe('tasks', (entity) => told?.push((entity as { title?: string } | null)?.title));
    world.backend.always('get', () => ({ entity: { id: 'a', title: 'four', updatedAt: '' }, version: 'v4' }));
    await sync.pull();
    await world.settle();
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'four', version: 'v4' });
    expect(told).toEqual(['four']);
    expect(world.backend.calls.filter(({ method }) => method === 'get').length).toBe(1);
  });

  it('S39 drops versions with a new epoch, reads everything again and keeps the queue', async () => {
    start();
    world.backend.epoch = 'one';
    world.backend.edit('tasks', 'a', { title: 'a', done: false });
    world.backend.edit('tasks', 'a', { title: 'a', done: false });
    world.backend.edit('tasks', 'gone', { title: 'gone' });
    const sync = await world.open({ collections: { tasks: {} } });
    const resets: unknown[] = [];
    sync.events$.subscribe((event: SyncEvent) => {
      if (event.type === 'server.reset') resets.push(event.epoch);
    });
    await sync.pull();
    sync.pause();
    const write = sync.collection('tasks').patch('a', { done: true });

    const older = createServiceWorld();
    older.backend.epoch = 'two';
    older.backend.edit('tasks', 'a', { title: 'restored', done: false });
    const { apiClient } = older.backend;
    for (const method of ['get', 'changes', 'create', 'update', 'delete'] as const) {
      world.backend.always(method, (call) => {
        const { collection, id, content, context } = call;
        if (method === 'get') return apiClient.get(collection, id, context);
        if (method === 'changes') return apiClient.changes?.(collection, content as never, context);
        if (method === 'update') return apiClient.update(collection, id, content as never, context);
        return apiClient.delete(collection, id, content as never, context);
      });
    }
    sync.resume();
    const flushed = watch(sync.flush());
    await world.runUntil(() => flushed().is !== 'open');
    await sync.pull();
    expect(await write.synced).toMatchObject({ title: 'restored', done: true, version: 2 });
    expect(titles(sync.collection('tasks').list())).toEqual(['a:restored']);
    expect(resets).toEqual(['two']);
  });

  it('S39 begins a new life when the feed refuses the epoch', async () => {
    start();
    world.backend.epoch = 'one';
    world.backend.edit('tasks', 'a', { title: 'x' });
    const sync = await world.open({ collections: { tasks: {} } });
    const resets: unknown[] = [];
    sync.events$.subscribe((event: SyncEvent) => {
      if (event.type === 'server.reset') resets.push(event.epoch);
    });
    await sync.pull();
    world.backend.epoch = 'two';
    const { EpochChangedError } = await import('../../src/index.ts');
    world.backend.once('changes', () => {
      throw new EpochChangedError({ epoch: 'two' });
    });
    await sync.pull();
    expect(resets).toEqual(['two']);
    expect(cursorsOf()).toEqual([null, '1', '1', null]);
  });

  it.each<[number, number]>([
    [5_000, 5_000],
    [-1, 0],
    [Number.NaN, 0],
    [400 * 86_400_000, 3_600_000],
  ])('S43 waits after Retry-After %d no less than %d ms, plus jitter', async (retryAfterMs, floorMs) => {
    start();
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.pull();
    const before = world.backend.calls.length;
    world.backend.once('changes', () => {
      throw new RateLimitedError({ retryAfterMs });
    });
    expect(await codeOf(sync.pull())).toBe('rate-limited');
    const at = world.clock.now();
    await world.runUntil(() => world.backend.calls.length > before + 1, 7_200_000);
    const delayMs = world.clock.now() - at;
    expect(delayMs).toBeGreaterThanOrEqual(floorMs);
    expect(delayMs).toBeLessThanOrEqual(floorMs + 1_000);
    expect(sync.isOnline()).toBe(true);
  });

  it('S43 reconnects a socket after what the backend asked for, plus jitter', async () => {
    start({ realTime: true });
    const sync = await world.open({ collections: { tasks: {} } });
    sync.enableRealTime();
    await world.settle();
    const at = world.clock.now();
    world.backend.sockets[0]?.drop(new RateLimitedError({ retryAfterMs: 20_000 }));
    await world.settle();
    expect(world.backend.sockets.length).toBe(0);
    await world.runUntil(() => world.backend.sockets.length > 0);
    expect(world.clock.now() - at).toBeGreaterThanOrEqual(20_000);
    expect(world.clock.now() - at).toBeLessThanOrEqual(22_000);
  });

  it('S40 catches up at the start, on reconnect, on focus and in the interval, without a socket', async () => {
    start();
    const sync = await world.open({ collections: { tasks: {} }, pullIntervalMs: 10_000 });
    const pulls = () => cursorsOf().length;
    expect(pulls()).toBe(1);
    world.signalPage('visible');
    await world.settle();
    expect(pulls()).toBe(2);
    world.setOnLine(false);
    await world.settle();
    world.setOnLine(true);
    await world.runUntil(() => sync.isOnline());
    await world.settle();
    expect(pulls()).toBe(3);
    await world.advance(30_000);
    expect(pulls()).toBeGreaterThanOrEqual(6);
    expect(sync.getSnapshot().realTime).toBe('off');
    const before = pulls();
    await sync.close();
    await world.advance(60_000);
    expect([pulls() - before, world.clock.pending()]).toEqual([0, 0]);
  });

  it('S40 polls with enableRealTime where there is no transport', async () => {
    start();
    const sync = await world.open({ collections: { tasks: {} }, pullIntervalMs: 10_000 });
    sync.enableRealTime();
    await world.settle();
    expect(sync.getSnapshot().realTime).toBe('polling');
    const before = cursorsOf().length;
    await world.advance(10_000);
    expect(cursorsOf().length - before).toBe(1);
    sync.disableRealTime();
    await world.settle();
    expect(sync.getSnapshot().realTime).toBe('off');
  });

  it('S40 reads through load() and says unsupported where there is no feed', async () => {
    start({ changes: false });
    world.backend.edit('tasks', 'a', { title: 'x' });
    const sync = await world.open();
    expect(await codeOf(sync.pull())).toBe('unsupported');
    expect(await codeOf(sync.collection('tasks').pull())).toBe('unsupported');
    sync.enableRealTime();
    await world.settle();
    expect(sync.getSnapshot().realTime).toBe('unsupported');
    expect(await sync.collection('tasks').load('a')).toMatchObject({ title: 'x', version: 1 });
    world.setOnLine(false);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'x' });
    await sync.close();
    const again = await world.open();
    expect(again.collection('tasks').get('a')).toMatchObject({ title: 'x' });
  });

  it('S41 keeps a cursor per collection over a restart', async () => {
    start();
    world.backend.edit('tasks', 'a', { title: 'x' });
    world.backend.edit('users', 'u', { title: 'x' });
    const sync = await world.open({ collections: { tasks: {}, users: {} } });
    await sync.pull();
    await sync.close();
    world.backend.edit('tasks', 'b', { title: 'x' });
    const again = await world.open({ collections: { tasks: {}, users: {} } });
    await again.pull();
    expect([cursorsOf('tasks')[0], cursorsOf('users')[0]]).toEqual([null, null]);
    expect(cursorsOf('tasks').filter((cursor) => cursor === null).length).toBe(1);
    expect(titles(again.collection('tasks').list())).toEqual(['a:x', 'b:x']);
  });

  it('S41 leaves a pull open that an outage interrupts, and resolves it with the one after', async () => {
    start();
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.pull();
    world.backend.once('changes', world.after(5_000));
    const standing = watch(sync.pull());
    await world.advance(1_000);
    world.setOnLine(false);
    await world.advance(10_000);
    expect(standing()).toEqual({ is: 'open' });
    world.backend.edit('tasks', 'a', { title: 'x' });
    world.setOnLine(true);
    await world.runUntil(() => standing().is !== 'open');
    expect(standing().is).toBe('resolved');
    expect(titles(sync.collection('tasks').list())).toEqual(['a:x']);
  });
});
