import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, ISyncService } from '../../src/index.ts';
import { loseRequest } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

describe('a lost outcome where the backend does not recognise repeats', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  const tasks = () => sync.collection('tasks');
  const stored = (id: string) => fieldsOf(world.backend.entity('tasks', id));
  const writes = () => world.backend.writes().map(({ method }) => method);

  /** It takes effect, more is there when it is looked at, and the answer is lost. */
  const loseAfter =
    (fields: object): Answer =>
    async ({ id }, apply) => {
      await apply();
      world.backend.edit('tasks', id, { ...world.backend.entity('tasks', id), ...fields });
      throw new Error('socket hang up');
    };

  beforeEach(async () => {
    world = createServiceWorld({ idempotent: false, changes: false });
    world.backend.edit('tasks', '1', { a: 1, n: 1 });
    sync = await world.open({ collections: { tasks: { fields: { '/n': 'counter' } } } });
    await tasks().load('1');
  });
  afterEach(() => world.closeAll());

  it.each(['create', 'update'] as const)(
    'G2 S5 what it did is found in what the backend completed, and not done again: %s',
    async (method) => {
      world.backend.once(method, loseAfter({ total: 7 }));
      const id = method === 'create' ? '2' : '1';
      const write = method === 'create' ? tasks().put({ id, a: 2, n: 2 }) : tasks().patch(id, { a: 2, n: 2 });
      await world.advance(120_000);
      expect(writes()).toEqual([method]);
      expect(stored(id)).toEqual({ a: 2, n: 2, total: 7 });
      expect(fieldsOf(await write.synced)).toEqual({ a: 2, n: 2, total: 7 });
      expect(sync.conflicts.list()).toEqual([]);
      expect(sync.queue.size).toBe(0);
    },
  );

  it('S10 G6 what others changed since is a conflict with what waits behind it', async () => {
    world.backend.once('update', loseAfter({ b: 3 }));
    world.backend.once('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.settle();
    tasks().patch('1', { b: 2 });
    await world.advance(120_000);
    expect(sync.conflicts.list()).toMatchObject([
      { base: { a: 2 }, local: { a: 2, b: 2 }, remote: { a: 2, b: 3 }, paths: ['/b'], status: 'resolved' },
    ]);
    expect(sync.queue.size).toBe(0);
  });

  it.each([
    { completed: {}, isFollowed: false },
    { completed: { total: 7 }, isFollowed: false },
    { completed: { total: 7 }, isFollowed: true },
  ])(
    'G2 S5 a request that was looked for and comes late is its own acknowledgement, whatever the backend completed: $completed, another behind it: $isFollowed',
    async ({ completed, isFollowed }) => {
      let arrive: () => void = () => undefined;
      world.backend.once('update', (call, apply) => {
        const arrived = new Promise<void>((resolve) => (arrive = resolve));
        const late = arrived.then(() => loseAfter(completed)(call, apply));
        return Promise.race([late, Promise.reject(new Error('socket hang up'))]);
      });
      world.backend.once('get', async (_, apply) => {
        const shown = await apply();
        arrive();
        return shown;
      });
      tasks().patch('1', { a: 2, n: 2 });
      await world.settle();
      if (isFollowed) tasks().patch('1', { n: 3 });
      await world.advance(120_000);
      expect(stored('1')).toEqual({ a: 2, n: isFollowed ? 3 : 2, ...completed });
      expect(sync.conflicts.list()).toEqual([]);
      expect(sync.queue.size).toBe(0);
    },
  );

  it('G5 it is asked about again also when sending had been left and begun anew before it was lost', async () => {
    world.backend.once('update', world.after(1_000, loseRequest));
    world.backend.once('get', loseRequest);
    tasks().patch('1', { a: 2 });
    await world.settle();
    sync.pause();
    sync.resume();
    await world.advance(120_000);
    expect(stored('1')).toEqual({ a: 2, n: 1 });
    expect(sync.queue.size).toBe(0);
  });
});
