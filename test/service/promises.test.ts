import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  MisconfiguredError,
  RejectedError,
  type SyncError,
  UnauthorizedError,
} from '../../src/index.ts';
import { loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';
import { codeOf, watch, type ServiceWorld } from '../support/service-world.ts';

describe('refusals of input', () => {
  it('S20 put, patch and delete throw at once; syncEntity and deleteEntity reject', async () => {
    const world = makeWorld();
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    expect(() => tasks.put({ id: '', n: 1 })).toThrow(expect.objectContaining({ code: 'invalid-id' }));
    expect(() => tasks.put({ id: '1', at: new Date() })).toThrow(
      expect.objectContaining({ code: 'invalid-entity', path: '/at' }),
    );
    expect(() => tasks.patch('..', {})).toThrow(expect.objectContaining({ code: 'invalid-id' }));
    expect(() => tasks.patch('1', {})).toThrow(expect.objectContaining({ code: 'unknown-entity' }));
    expect(() => tasks.delete('.')).toThrow(expect.objectContaining({ code: 'invalid-id' }));
    expect(() => sync.collection('no/slash')).toThrow(expect.objectContaining({ code: 'invalid-collection' }));
    expect(await codeOf(sync.syncEntity('tasks', { id: '' }))).toBe('invalid-id');
    expect(await codeOf(sync.syncEntity('no/slash', { id: '1' }))).toBe('invalid-collection');
    expect(await codeOf(sync.deleteEntity('tasks', '..'))).toBe('invalid-id');
    expect(sync.queue.size).toBe(0);
  });

  it('S20 a patch that is neither fields nor a function is refused at once, also of what waits for the local data', async () => {
    const world = makeWorld();
    const sync = world.create();
    const tasks = sync.collection('tasks');
    const codes = () =>
      [null, undefined, 5, 'text', [], ['text']].map((change) => {
        try {
          return tasks.patch('1', change as never);
        } catch (error) {
          return (error as SyncError).code;
        }
      });
    tasks.put({ id: '1', n: 1 });
    expect(new Set(codes())).toEqual(new Set(['invalid-entity']));
    await sync.ready;
    const entity = tasks.get('1');
    expect(new Set(codes())).toEqual(new Set(['invalid-entity']));
    expect(tasks.get('1')).toBe(entity);
  });

  it('S20 neither durable nor synced raises an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', refuseWith(new ForbiddenError()));
    sync.collection('tasks').put({ id: '1', n: 1 });
    void sync.collection('tasks').put({ id: '2', n: 1 }).synced;
    world.storage.setItem = () => Promise.reject(new Error('quota'));
    const early = makeWorld();
    early.storage.setItem = () => Promise.reject(new Error('quota'));
    early.create().collection('tasks').put({ id: '3', n: 1 });
    sync.collection('tasks').put({ id: '4', n: 1 });
    await world.advance(60_000);
    await early.advance(60_000);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('syncEntity', () => {
  it('S21 resolves with the synced entity while the service can send', async () => {
    const world = makeWorld();
    const sync = await world.open();
    expect(await sync.syncEntity('tasks', { id: '1', n: 1 })).toMatchObject({ id: '1', n: 1, version: 1 });
  });

  it.each([
    ['offline', async (world: ServiceWorld) => world.setOnLine(false)],
    [
      'reconnecting',
      async (world: ServiceWorld) => {
        world.backend.always('write', loseRequest);
        world.backend.always('probe', loseRequest);
        world.backend.always('changes', loseRequest);
      },
    ],
    [
      'captive',
      async (world: ServiceWorld) => {
        const portal = refuseWith(Object.assign(new Error('portal'), { code: 'captive-portal' }));
        world.backend.always('write', portal);
        world.backend.always('probe', portal);
        world.backend.always('changes', portal);
      },
    ],
    [
      'needs-auth',
      async (world: ServiceWorld) => {
        world.backend.always('write', refuseWith(new UnauthorizedError()));
      },
    ],
    [
      'misconfigured',
      async (world: ServiceWorld) => {
        world.backend.always('write', refuseWith(new MisconfiguredError({ status: 415 })));
      },
    ],
  ])('S21 resolves with the local entity, durable, when %s', async (_, trouble) => {
    const world = makeWorld();
    const sync = await world.open();
    await trouble(world);
    sync.collection('tasks').put({ id: 'first', n: 1 });
    await world.advance(30_000);
    const result = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect(result()).toMatchObject({ is: 'resolved', value: { id: '1', n: 1 } });
    expect((result() as { value: object }).value).not.toHaveProperty('version');
    await sync.close();
    expect((await world.open()).collection('tasks').get('1')).toMatchObject({ n: 1 });
  });

  it('S21 resolves with the local entity when paused, also when the pause comes while it waits', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', neverAnswer);
    const waiting = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect(waiting().is).toBe('open');
    sync.pause();
    await world.settle();
    expect(waiting()).toMatchObject({ is: 'resolved', value: { n: 1 } });
    expect(await sync.syncEntity('tasks', { id: '2', n: 1 })).toMatchObject({ n: 1 });
  });

  it.each<[trouble: string, refusal: () => Error]>([
    ['the backend is out of reach', () => new Error('connection refused')],
    ['a portal answers', () => Object.assign(new Error('portal'), { code: 'captive-portal' })],
    ['the token is refused', () => new UnauthorizedError()],
    ['the configuration is refused', () => new MisconfiguredError({ status: 415 })],
  ])('S21 resolves with the local entity when, while it waits, %s', async (_, refusal) => {
    const world = makeWorld();
    const sync = await world.open();
    await world.advance(5_000);
    for (const method of ['write', 'probe'] as const)
      world.backend.always(method, world.after(1_000, refuseWith(refusal())));
    const waiting = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect([sync.isOnline(), waiting().is]).toEqual([true, 'open']);
    await world.advance(10_000);
    expect(waiting()).toMatchObject({ is: 'resolved', value: { id: '1', n: 1 } });
    expect((waiting() as { value: object }).value).not.toHaveProperty('version');
    expect(sync.queue.size).toBe(1);
  });

  it('S21 waits for the first probe, then decides', async () => {
    const world = makeWorld();
    let answer!: () => void;
    world.backend.once('probe', () => new Promise<void>((resolve) => (answer = resolve)));
    const sync = await world.open();
    const waiting = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect(sync.getSnapshot().connectivity).toBe('connecting');
    expect(waiting().is).toBe('open');
    expect(world.backend.writes()).toEqual([]);
    answer();
    await world.settle();
    expect(waiting()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  });

  it('S21 resolves with the local entity once the first probe has failed', async () => {
    const world = makeWorld();
    world.backend.always('probe', world.after(200, loseRequest));
    const sync = await world.open();
    const waiting = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.advance(100);
    expect(waiting().is).toBe('open');
    await world.advance(100);
    expect(waiting()).toMatchObject({ is: 'resolved', value: { n: 1 } });
    const later = watch(sync.syncEntity('tasks', { id: '2', n: 1 }));
    await world.settle();
    expect(later()).toMatchObject({ is: 'resolved', value: { n: 1 } });
    expect(sync.isOnline()).toBe(false);
  });

  it.each([
    ['no answer', loseRequest],
    ['a captive portal', refuseWith(Object.assign(new Error('portal'), { code: 'captive-portal' }))],
    ['a bad response', () => 'nonsense'],
  ])('S21 without a probe, resolves with the local entity once the first request met %s', async (_, answer) => {
    const world = makeWorld({ probe: false, changes: false });
    world.backend.always('write', answer);
    const sync = await world.open();
    const first = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect(first()).toMatchObject({ is: 'resolved', value: { n: 1 } });
    expect(sync.isOnline()).toBe(false);
    expect(sync.getSnapshot().error).not.toBe(null);
    world.backend.always('write', null);
    await world.advance(10_000);
    expect(sync.isOnline()).toBe(true);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0, error: null });
  });

  it('S21 called before the data is loaded, offline, resolves with the local entity once durable', async () => {
    const world = makeWorld({ onLine: false });
    const sync = world.create();
    expect(await sync.syncEntity('tasks', { id: '1', n: 1 })).toMatchObject({ id: '1', n: 1 });
    expect(sync.getSnapshot().pending).toBe(1);
  });

  it('S21 rejects when the operation is parked, and a later retry does not revive it', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new RejectedError({ status: 422, detail: { field: 'n' } })));
    const result = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.settle();
    expect(result()).toMatchObject({
      is: 'rejected',
      error: { code: 'parked', status: 422, detail: { field: 'n' }, collection: 'tasks', entityId: '1' },
    });
    const [operation] = sync.queue.parked();
    const synced = watch(sync.syncEntity('tasks', { id: '1', n: 1 }, { until: 'synced' }));
    await sync.queue.retry(operation!.id);
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
    expect(result().is).toBe('rejected');
    await world.settle();
    expect(synced().is).not.toBe('open');
  });

  it('S21 rejects when its conflict awaits a decision, while Write.synced stays open', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    const sync = await world.open({ conflict: 'manual', collections: { tasks: {} } });
    world.backend.edit('tasks', '1', { title: 'theirs' });
    const result = watch(sync.syncEntity('tasks', { id: '1', title: 'ours' }));
    const synced = watch(sync.collection('tasks').put({ id: '1', title: 'ours' }).synced);
    await world.settle();
    expect(result()).toMatchObject({ is: 'rejected', error: { code: 'conflict-open', entityId: '1' } });
    expect(synced().is).toBe('open');
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'local');
    await sync.flush();
    await world.settle();
    expect(synced()).toMatchObject({ is: 'resolved', value: { title: 'ours', version: 3 } });
  });

  it('S21 until durable and until synced mean what they say', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(1_000));
    const durable = watch(sync.syncEntity('tasks', { id: '1', n: 1 }, { until: 'durable' }));
    await world.settle();
    expect(durable()).toMatchObject({ is: 'resolved', value: { n: 1 } });
    await world.advance(2_000);
    world.setOnLine(false);
    const synced = watch(sync.syncEntity('tasks', { id: '2', n: 1 }, { until: 'synced' }));
    await world.advance(20_000);
    expect(synced().is).toBe('open');
    world.setOnLine(true);
    await world.advance(10_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  });

  it('S21 a signal ends the wait and not the write', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(1_000));
    const abort = new AbortController();
    const result = watch(sync.syncEntity('tasks', { id: '1', n: 1 }, { signal: abort.signal }));
    await world.settle();
    abort.abort();
    await world.settle();
    expect(result()).toMatchObject({ is: 'rejected', error: { code: 'aborted' } });
    await world.advance(2_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
  });

  it('S21 deleteEntity resolves online and offline', async () => {
    const world = makeWorld();
    const sync = await world.open();
    await sync.syncEntity('tasks', { id: '1', n: 1 });
    await sync.deleteEntity('tasks', '1');
    expect(world.backend.entity('tasks', '1')).toBeUndefined();
    await sync.syncEntity('tasks', { id: '2', n: 1 });
    world.setOnLine(false);
    await sync.deleteEntity('tasks', '2');
    expect(world.backend.entity('tasks', '2')).toEqual({ id: '2', n: 1 });
    expect(sync.collection('tasks').has('2')).toBe(false);
  });

  it('S21 rejects with storage-failed when the write cannot be stored', async () => {
    const world = makeWorld();
    const sync = await world.open();
    const { setItem } = world.storage;
    world.storage.setItem = () => Promise.reject(new Error('quota'));
    const result = watch(sync.syncEntity('tasks', { id: '1', n: 1 }));
    await world.advance(30_000);
    expect(result()).toMatchObject({ is: 'rejected', error: { code: 'storage-failed' } });
    expect(sync.collection('tasks').has('1')).toBe(false);
    world.storage.setItem = setItem;
  });
});

describe('fates', () => {
  it('S22 operations behind a parked one are parked with it, each by its own error', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', world.after(100, refuseWith(new ForbiddenError())));
    const writes = [sync.collection('tasks').put({ id: '1', n: 0 })];
    await world.settle();
    writes.push(sync.collection('tasks').patch('1', { n: 1 }), sync.collection('tasks').patch('1', { n: 2 }));
    const fates = writes.map(({ synced }) => watch(synced));
    await world.advance(100);
    expect(fates.map((fate) => fate())).toMatchObject(
      writes.map(({ operationId }) => ({ is: 'rejected', error: { code: 'parked', status: 403, operationId } })),
    );
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 3 });
  });

  it('S22 superseded operations settle with what superseded them', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a', done: false });
    const sync = await world.open({ conflict: 'client-wins', collections: { tasks: {} } });
    world.backend.edit('tasks', '1', { title: 'theirs', done: false });
    sync.pause();
    const first = sync.collection('tasks').patch('1', { title: 'ours' });
    const second = sync.collection('tasks').patch('1', { done: true });
    await world.settle();
    sync.resume();
    await sync.flush();
    expect(await first.synced).toMatchObject({ title: 'ours', done: true, version: 3 });
    expect(await second.synced).toBe(await first.synced);
  });

  it('S22 a remote that is kept settles what lost with the remote entity', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    const sync = await world.open({ conflict: 'server-wins', collections: { tasks: {} } });
    world.backend.edit('tasks', '1', { title: 'theirs' });
    const write = sync.collection('tasks').patch('1', { title: 'ours' });
    await sync.flush();
    expect(await write.synced).toMatchObject({ title: 'theirs', version: 2 });
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'theirs' });
  });

  it('S22 a discarded operation that was not rejected yet rejects; what was parked stays rejected as parked', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new ForbiddenError()));
    const write = sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    await sync.queue.discard(write.operationId!);
    expect(await codeOf(write.synced)).toBe('parked');
    expect(sync.collection('tasks').has('1')).toBe(false);
    expect(sync.queue.size).toBe(0);
  });

  it('S27 a write over a parked request supersedes it under a new key, with the content of both', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    sync.collection('tasks').put({ id: '1', title: 'bad', n: 1 });
    await world.settle();
    const write = sync.collection('tasks').patch('1', { title: 'good' });
    await sync.flush();
    expect(await write.synced).toMatchObject({ title: 'good', n: 1, version: 1 });
    const keys = world.backend.writes().map(({ context }) => context.idempotencyKey);
    expect(keys.length).toBe(2);
    expect(new Set(keys).size).toBe(2);
  });
});
