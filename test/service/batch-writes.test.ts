import { afterEach, describe, expect, it } from 'vitest';
import {
  UnauthorizedError,
  UnavailableError,
  ConflictError,
  RejectedError,
  TooLargeError,
  type SyncRequest,
} from '../../src/index.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { answerWith, refuseWith } from '../../src/testing/backend/answers.ts';
import {
  codeOf,
  createServiceWorld,
  watch,
  type ServiceWorld,
  type ServiceWorldOptions,
} from '../support/service-world.ts';

let world: ServiceWorld;
let storage: PlannedStorage;
afterEach(() => world.closeAll());

function start(options: ServiceWorldOptions = {}): ServiceWorld {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage, ...options });
  return world;
}
const segments = () => [...storage.items.keys()].filter((key) => key.includes('/journal/')).length;

describe('sync.batch', () => {
  it('S46 makes one journal record and one notification of many writes, and separate operations on the backend', async () => {
    start();
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'a', title: 'one' }).synced;
    await world.settle();
    sync.pause();
    const changes: unknown[] = [];
    const lists: unknown[] = [];
    const entities: unknown[] = [];
    tasks.changes$.subscribe((change) =>
      changes.push(change.map(({ id, entity }) => [id, (entity as { title?: string } | null)?.title ?? null])),
    );
    tasks.all$().subscribe((list) => lists.push(list.map(({ id }) => id)));
    tasks.entity$('b').subscribe((entity) => entities.push((entity as { title?: string } | undefined)?.title));
    const before = segments();
    const seen = sync.batch(() => {
      tasks.put({ id: 'b', title: 'b1' });
      tasks.patch('b', { title: 'b2' });
      tasks.delete('a');
      sync.batch(() => tasks.put({ id: 'c', title: 'c' }));
      return [tasks.get('b'), tasks.has('a'), tasks.list().map(({ id }) => id), tasks.count()];
    });
    expect(seen).toMatchObject([{ title: 'b2' }, false, ['b', 'c'], 2]);
    expect(changes).toEqual([
      [
        ['b', 'b2'],
        ['a', null],
        ['c', 'c'],
      ],
    ]);
    expect([lists, entities]).toEqual([
      [['a'], ['b', 'c']],
      [undefined, 'b2'],
    ]);
    await world.settle();
    expect([segments() - before, sync.getSnapshot().pending]).toEqual([1, 4]);
    sync.resume();
    await sync.flush();
    expect(
      world.backend
        .writes()
        .map(({ method, id }) => [method, id])
        .slice(1),
    ).toEqual([
      ['create', 'b'],
      ['delete', 'a'],
      ['create', 'c'],
    ]);
  });

  it.each([true, false])('S46 writes nothing when it throws, and its promises say so (ready: %s)', async (isReady) => {
    start();
    const sync = isReady ? await world.open() : world.create();
    const tasks = sync.collection('tasks');
    const kept = tasks.put({ id: 'a', title: 'kept' });
    const standings: (() => unknown)[] = [];
    const notified: unknown[] = [];
    tasks.changes$.subscribe((change) => notified.push(change));
    const run = () =>
      sync.batch(() => {
        for (const write of [tasks.patch('a', { title: 'lost' }), tasks.put({ id: 'b' }), tasks.delete('a')])
          standings.push(watch(codeOf(write.durable)), watch(codeOf(write.synced)));
        throw new RangeError('no');
      });
    expect(run).toThrow(RangeError);
    expect([tasks.get('a'), tasks.has('b'), tasks.list().length]).toMatchObject([{ title: 'kept' }, false, 1]);
    await world.settle();
    expect(notified.flat()).not.toContainEqual(
      expect.objectContaining({ id: 'b', entity: expect.anything() as unknown }),
    );
    expect(notified.length).toBeLessThan(4);
    expect(standings.map((standing) => standing())).toEqual(
      standings.map(() => ({ is: 'resolved', value: 'aborted' })),
    );
    await kept.durable;
    await sync.flush();
    expect(await kept.synced).toMatchObject({ title: 'kept' });
    expect([world.backend.effects.length, sync.queue.size]).toEqual([1, 0]);
    await sync.close();
    const again = await world.open();
    expect(again.collection('tasks').list()).toMatchObject([{ id: 'a', title: 'kept' }]);
  });

  it.each([
    ['done', ['a', 'b'], [undefined, undefined], 1],
    ['failed', [], ['storage-failed', 'storage-failed'], 0],
  ] as const)('S46 is all or nothing before ready too: stored %s', async (fate, ids, codes, records) => {
    start({ onLine: false });
    storage.plan(({ method, key }) => (method === 'setItem' && key?.includes('/journal/') === true ? fate : 'done'));
    const sync = world.create();
    const tasks = sync.collection('tasks');
    const writes = sync.batch(() => [tasks.put({ id: 'a' }), tasks.put({ id: 'b' })]);
    expect(tasks.count()).toBe(2);
    await sync.ready;
    await world.settle();
    const stored = segments();
    await world.advance(60_000);
    expect(await Promise.all(writes.map(({ durable }) => codeOf(durable)))).toEqual(codes);
    expect([tasks.list().map(({ id }) => id), stored]).toEqual([ids, records]);
  });

  it('S46 does not end with what it awaits', async () => {
    start();
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    await sync.batch(async () => {
      tasks.put({ id: 'a' });
      await Promise.resolve();
      tasks.put({ id: 'b' });
    });
    await sync.flush();
    expect(world.backend.effects.length).toBe(2);
  });
});

describe('ApiClient.batch', () => {
  const three = async (options: ServiceWorldOptions = {}) => {
    start({ batch: true, ...options });
    const sync = await world.open();
    sync.pause();
    const writes = ['a', 'b', 'c'].map((id) => sync.collection('tasks').put({ id, title: id }));
    await Promise.all(writes.map(({ durable }) => durable));
    return { sync, writes };
  };
  const keysOf = () =>
    world.backend
      .writes()
      .map(({ content }) => (content as { idempotencyKey: string }[]).map(({ idempotencyKey }) => idempotencyKey));

  it.each<[string, unknown]>([
    ['an error', new Error('boom')],
    ['401', new UnauthorizedError()],
    ['503', new UnavailableError({ status: 503 })],
    ['a conflict, which cannot be meant', new ConflictError({ current: { entity: null, version: 1 } })],
    ['a refusal, which cannot be meant', new RejectedError({ status: 422 })],
  ])('S37 leaves every member unknown when it throws %s, and sends the same again', async (_, error) => {
    const { sync } = await three();
    world.backend.once('batch', refuseWith(error));
    sync.resume();
    await world.runUntil(() => sync.queue.size === 0);
    const keys = keysOf();
    expect(keys.slice(1).flat().sort()).toEqual(keys[0]?.toSorted());
    expect([sync.queue.parked(), sync.conflicts.list(), world.backend.effects.length]).toEqual([[], [], 3]);
  });

  it.each<[string, unknown]>([
    ['no list', { results: [] }],
    ['nothing', undefined],
    ['an empty list', []],
    [
      'strangers',
      [{ idempotencyKey: 'stranger', record: { entity: { id: 'a', updatedAt: '' }, version: 9 } }, null, 7],
    ],
  ])('S36 takes an answer of %s for none', async (_, answer) => {
    const { sync } = await three();
    world.backend.once('batch', answerWith(answer));
    sync.resume();
    await world.runUntil(() => sync.queue.size === 0);
    expect([world.backend.effects.length, sync.conflicts.list()]).toEqual([3, []]);
  });

  it('S37 matches outcomes by key, in any order, and keeps what is left out', async () => {
    const { sync, writes } = await three();
    world.backend.once('batch', async (_, apply) => ((await apply()) as unknown[]).toReversed().slice(0, 2));
    sync.resume();
    await world.settle();
    expect(sync.queue.list().map(({ entityId }) => entityId)).toEqual(['a']);
    await world.runUntil(() => sync.queue.size === 0);
    expect(
      (await Promise.all(writes.map(({ synced }) => synced))).map((entity) => (entity as { id: string }).id),
    ).toEqual(['a', 'b', 'c']);
    expect(world.backend.effects.length).toBe(3);
  });

  it('S37 halves a batch that is too large, and parks what is too large alone', async () => {
    const { sync } = await three();
    world.backend.always('batch', (call, apply) => {
      if ((call.content as unknown[]).length > 1) throw new TooLargeError();
      return apply();
    });
    world.backend.once('create', refuseWith(new TooLargeError()));
    sync.resume();
    await world.runUntil(() => sync.getSnapshot().pending === 0);
    expect(sync.queue.parked()).toMatchObject([{ entityId: 'a', error: { code: 'too-large' } }]);
    expect(world.backend.effects.length).toBe(2);
  });

  it('S1 every half carries the same requests as the whole, under the same keys', async () => {
    const { sync } = await three();
    world.backend.always('batch', (call, apply) => {
      if ((call.content as unknown[]).length > 1) throw new TooLargeError();
      return apply();
    });
    sync.resume();
    await world.runUntil(() => sync.getSnapshot().pending === 0);
    const sent = world.backend.calls
      .filter(({ method }) => method === 'batch')
      .map(({ content }) => content as readonly SyncRequest[]);
    const [whole = [], ...halves] = sent;
    expect(whole.length).toBe(3);
    for (const request of halves.flat())
      expect(request).toEqual(whole.find(({ entityId }) => entityId === request.entityId));
    expect(halves.length).toBeGreaterThan(0);
    expect(world.backend.effects.length).toBe(3);
  });
});

describe('records', () => {
  const record = (entity: unknown, more: object = { version: 1 }) => ({ entity, ...more });
  const task = { id: 'a', title: 'x', updatedAt: '' };

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', '<html>'],
    ['a list', []],
    ['no entity', { version: 1 }],
    ['null for the entity of a create', record(null)],
    ['no version', record(task, {})],
    ['a version that is no number', record(task, { version: Number.NaN })],
    ['an infinite version', record(task, { version: Infinity })],
    ['a version that is an object', record(task, { version: {} })],
    ['null for a version', record(task, { version: null })],
    ['the id of another entity', record({ ...task, id: 'b' })],
    ['no id', record({ title: 'x' })],
    ['a list for an entity', record([task])],
    ['an entity that is no JSON', record({ ...task, at: new Date(0) })],
    ['a number for updatedAt', record(task, { version: 1, updatedAt: 7 })],
  ])('S36 takes %s for no answer: the outcome is unknown and the same goes again', async (_, answer) => {
    start();
    const sync = await world.open();
    world.backend.once('create', answerWith(answer));
    const write = sync.collection('tasks').put({ id: 'a', title: 'x' });
    await world.settle();
    expect([sync.queue.size, watch(write.synced)()]).toEqual([1, { is: 'open' }]);
    await world.runUntil(() => sync.queue.size === 0);
    const [first, second] = world.backend.writes();
    expect(second?.context.idempotencyKey).toBe(first?.context.idempotencyKey);
    expect(sync.collection('tasks').get('a')).toMatchObject({ title: 'x', version: 1 });
  });

  it('S36 fills a missing updatedAt, and takes versions that are texts, 0 or negative', async () => {
    for (const version of ['v', '', 0, -1]) {
      start();
      const sync = await world.open();
      world.backend.once('create', answerWith(record({ id: 'a', title: 'x' }, { version })));
      const entity = (await sync.collection('tasks').put({ id: 'a', title: 'x' }).synced) as { updatedAt?: unknown };
      expect(entity).toMatchObject({ id: 'a', title: 'x', version });
      expect(typeof entity.updatedAt).toBe('string');
      await world.closeAll();
    }
  });

  it('S36 takes records without a version where the backend is compared', async () => {
    start();
    const sync = await world.open({ collections: { tasks: { detectConflicts: 'compare' } } });
    world.backend.once('create', answerWith({ entity: { id: 'a', title: 'x' } }));
    expect(await sync.collection('tasks').put({ id: 'a', title: 'x' }).synced).toMatchObject({ title: 'x' });
  });

  it('S36 takes nothing, null and a tombstone for the answer to a delete, and an entity for none', async () => {
    for (const answer of [undefined, null, { entity: null, version: 2, deleted: true }]) {
      start();
      const sync = await world.open();
      await sync.collection('tasks').put({ id: 'a' }).synced;
      world.backend.once('delete', answerWith(answer));
      expect(await sync.collection('tasks').delete('a').synced).toBe(null);
      await world.closeAll();
    }
    start();
    const sync = await world.open();
    await sync.collection('tasks').put({ id: 'a' }).synced;
    world.backend.once('delete', answerWith(record(task)));
    sync.collection('tasks').delete('a');
    await world.settle();
    expect(sync.queue.size).toBe(1);
  });

  it('S42 hands any id over as it is, and refuses what no URL can carry', async () => {
    start();
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    const ids = ['__proto__', 'constructor', '👾', 'a/b', '../x', ' ', '%2e', '...', 'x'.repeat(256)];
    for (const id of ids) tasks.put({ id, title: id });
    await sync.flush();
    expect(ids.map((id) => world.backend.entity('tasks', id)?.title)).toEqual(ids);
    expect(tasks.count()).toBe(ids.length);
    for (const id of ['', '.', '..', 'x'.repeat(257), '\ud800', 7, null])
      expect(() => tasks.put({ id: id as string })).toThrow(expect.objectContaining({ code: 'invalid-id' }));
    for (const name of ['', 'a b', 'a/b', 'x'.repeat(65), 'ä'])
      expect(() => sync.collection(name)).toThrow(expect.objectContaining({ name: 'SyncError' }));
  });
});
