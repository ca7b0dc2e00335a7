import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, ApiClient, ISyncEntity, ISyncService, SyncOptions } from '../../src/index.ts';
import { createSyncService, UnavailableError } from '../../src/index.ts';
import { loseAnswer, loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

/** A backend of four functions over plain entities: no versions, the last one to write wins. */
function createPlainBackend() {
  const entities = new Map<string, ISyncEntity>();
  const calls: string[] = [];
  const put = (entity: ISyncEntity) => {
    entities.set(entity.id, structuredClone(entity));
    return { entity: structuredClone(entity) };
  };
  const apiClient: ApiClient = {
    async get(_, id) {
      calls.push('get');
      const entity = entities.get(id);
      return entity ? { entity: structuredClone(entity) } : null;
    },
    async create(_, entity) {
      calls.push('create');
      return put(entity);
    },
    async update(_, __, { entity }) {
      calls.push('update');
      return put(entity);
    },
    async delete(_, id) {
      calls.push('delete');
      entities.delete(id);
    },
  };
  return { apiClient, entities, calls, edit: (fields: object) => put({ updatedAt: '', ...fields } as ISyncEntity) };
}

describe("detectConflicts 'compare'", () => {
  let world: ServiceWorld;
  let backend: ReturnType<typeof createPlainBackend>;
  let sync: ISyncService<AnyCollections>;
  const tasks = () => sync.collection('tasks');
  const stored = () => fieldsOf(backend.entities.get('1'));

  async function start(options: SyncOptions = {}): Promise<void> {
    sync = createSyncService(backend.apiClient, {
      environment: world.environment,
      storage: world.storage,
      collections: { tasks: { detectConflicts: 'compare' } },
      ...options,
    });
    await sync.ready;
    await world.settle();
  }

  beforeEach(() => {
    world = createServiceWorld();
    backend = createPlainBackend();
  });
  afterEach(() => sync.close());

  it('reads before it writes, and writes when nothing has changed', async () => {
    backend.edit({ id: '1', a: 1 });
    await start();
    await tasks().load('1');
    await sync.syncEntity('tasks', { id: '1', a: 2 });
    expect(backend.calls).toEqual(['get', 'get', 'update']);
    expect(stored()).toEqual({ a: 2 });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('G6 finds that somebody else changed the same field', async () => {
    backend.edit({ id: '1', a: 1 });
    await start();
    await tasks().load('1');
    backend.edit({ id: '1', a: 3 });
    tasks().patch('1', { a: 2 });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([
      { base: { a: 1 }, local: { a: 2 }, remote: { a: 3 }, paths: ['/a'], remoteTimestamp: null, status: 'resolved' },
    ]);
    expect(stored()).toEqual({ a: 3 });
  });

  it('S10 takes over what somebody else changed elsewhere', async () => {
    backend.edit({ id: '1', a: 1, b: 1 });
    await start();
    await tasks().load('1');
    backend.edit({ id: '1', a: 1, b: 2 });
    tasks().patch('1', { a: 2 });
    await sync.flush();
    expect(stored()).toEqual({ a: 2, b: 2 });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('G6 finds that it was deleted, and that it was created, meanwhile', async () => {
    backend.edit({ id: '1', a: 1 });
    await start({ conflict: 'manual' });
    await tasks().load('1');
    backend.entities.delete('1');
    tasks().patch('1', { a: 2 });
    backend.edit({ id: '2', a: 1 });
    tasks().put({ id: '2', a: 2 });
    await sync.flush();
    const told = sync.conflicts
      .list()
      .map(({ entityId, base, local, remote }) => [entityId, ...[base, local, remote].map(fieldsOf)]);
    expect(told.toReversed()).toEqual([
      ['1', { a: 1 }, { a: 2 }, null],
      ['2', null, { a: 2 }, { a: 1 }],
    ]);
    expect(backend.calls.filter((call) => call !== 'get')).toEqual([]);
  });

  it('an open conflict follows the backend back to where it was', async () => {
    backend.edit({ id: '1', a: 1 });
    await start({ conflict: 'manual' });
    await tasks().load('1');
    backend.edit({ id: '1', a: 3 });
    tasks().patch('1', { a: 2 });
    await sync.flush();
    backend.edit({ id: '1', a: 1 });
    await tasks().load('1');
    expect(sync.conflicts.list()).toMatchObject([{ status: 'open', local: { a: 2 }, remote: { a: 1 } }]);
  });

  it('creates and deletes', async () => {
    await start();
    await sync.syncEntity('tasks', { id: '1', a: 1 });
    expect(stored()).toEqual({ a: 1 });
    await sync.deleteEntity('tasks', '1');
    expect(stored()).toBe(null);
    expect(tasks().status('1')).toBe('unknown-entity');
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('unknown outcomes on a backend that does not recognise repeats', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  const tasks = () => sync.collection('tasks');
  const writes = () => world.backend.writes().map(({ method }) => method);

  beforeEach(async () => {
    world = createServiceWorld({ idempotent: false, changes: false });
    world.backend.edit('tasks', '1', { a: 1 });
    sync = await world.open();
    await tasks().load('1');
  });
  afterEach(() => world.closeAll());

  it.each(['create', 'update', 'delete'] as const)(
    'S5 a %s whose answer was lost is not sent again',
    async (method) => {
      world.backend.once(method, loseAnswer);
      const write =
        method === 'create'
          ? tasks().put({ id: '2', a: 1 })
          : method === 'update'
            ? tasks().patch('1', { a: 2 })
            : tasks().delete('1');
      await world.advance(120_000);
      expect(writes()).toEqual([method]);
      expect(fieldsOf(await write.synced)).toEqual(method === 'delete' ? null : { a: method === 'create' ? 1 : 2 });
      expect(sync.queue.size).toBe(0);
      expect(sync.conflicts.list()).toEqual([]);
    },
  );

  it.each(['create', 'update', 'delete'] as const)('G2 a %s that never arrived is sent again, once', async (method) => {
    world.backend.once(method, loseRequest);
    if (method === 'create') tasks().put({ id: '2', a: 1 });
    else if (method === 'update') tasks().patch('1', { a: 2 });
    else tasks().delete('1');
    await world.advance(120_000);
    expect(writes()).toEqual([method, method]);
    expect(world.backend.effects.length).toBe(1);
    const keys = world.backend.writes().map(({ context }) => context.idempotencyKey);
    expect(keys[0]).toBe(keys[1]);
  });

  it('S5 nothing is sent again while the outcome cannot be asked for', async () => {
    world.backend.once('update', loseAnswer);
    world.backend.always('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.advance(300_000);
    expect(writes()).toEqual(['update']);
    expect(sync.queue.list()).toMatchObject([{ status: 'unknown' }]);
    world.backend.always('get', null);
    await world.advance(300_000);
    expect(writes()).toEqual(['update']);
    expect(sync.queue.size).toBe(0);
  });

  it('G8 others go on while one is asked about', async () => {
    world.backend.once('update', loseAnswer);
    world.backend.always('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.settle();
    const other = watch(tasks().put({ id: '3', a: 1 }).synced);
    await world.advance(300_000);
    expect(other()).toMatchObject({ is: 'resolved' });
  });

  it('S43 G13 is asked for less and less often while nobody answers, whatever else is written', async () => {
    const unavailable = refuseWith(new UnavailableError({ status: 503 }));
    world.backend.once('update', unavailable);
    world.backend.always('get', unavailable);
    const asks = () => world.backend.calls.filter(({ method, id }) => method === 'get' && id === '1').length;
    tasks().patch('1', { a: 2 });
    await world.advance(10);
    const before = asks();
    for (let key = 0; key < 50; key += 1) {
      tasks().put({ id: '3', key });
      await world.advance(1);
    }
    expect(asks() - before).toBeLessThan(5);
    await world.advance(1_800_000);
    expect(asks() - before).toBeLessThan(120);
    world.backend.always('get', null);
    void sync.flush();
    await world.advance(60_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 2 });
  });

  it('S10 what somebody else made of it meanwhile is a conflict', async () => {
    world.backend.once('update', async (_, apply) => {
      await apply();
      world.backend.edit('tasks', '1', { a: 3 });
      throw new Error('socket hang up');
    });
    tasks().patch('1', { a: 2 });
    await world.advance(120_000);
    expect(sync.conflicts.list()).toMatchObject([
      { base: { a: 1 }, local: { a: 2 }, remote: { a: 3 }, status: 'resolved' },
    ]);
    expect(sync.queue.size).toBe(0);
  });

  it('S5 after a restart the outcome of what was sent is asked for first', async () => {
    world.backend.once('update', loseAnswer);
    world.backend.always('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.advance(1_000);
    await sync.close();
    world.backend.always('get', null);
    sync = await world.open();
    await world.advance(120_000);
    expect(writes()).toEqual(['update']);
    expect(sync.queue.size).toBe(0);
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 2 });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S9 what is written meanwhile waits, and follows', async () => {
    world.backend.once('update', loseAnswer);
    world.backend.once('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.settle();
    tasks().patch('1', { b: 1 });
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 2, b: 1 });
    await world.advance(120_000);
    expect(writes()).toEqual(['update', 'update']);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 2, b: 1 });
    expect(sync.conflicts.list()).toEqual([]);
  });
});
