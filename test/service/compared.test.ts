import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AnyCollections, ApiClient, ChangePage, ISyncEntity, ISyncService } from '../../src/index.ts';
import { createSyncService, RateLimitedError, UnavailableError } from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

/** What a call does in place of answering at once with what it made or found. */
type Plan = (apply: () => unknown) => unknown;

let world: ServiceWorld;
let stored: ISyncEntity;
let plans: Partial<Record<'get' | 'update', Plan[]>>;
let page: ISyncEntity[];
let sync: ISyncService<AnyCollections>;

const entity = (fields: object): ISyncEntity => ({ updatedAt: '', id: '1', ...fields });
const edit = (fields: object): void => {
  stored = entity(fields);
};
const later =
  (ms: number): Plan =>
  (apply) => {
    const answer = apply();
    return new Promise((resolve) => world.clock.setTimeout(() => resolve(answer), ms));
  };
const fail =
  (error: Error): Plan =>
  () => {
    throw error;
  };

/** One entity without a version: the last one to write wins. */
beforeEach(async () => {
  world = createServiceWorld();
  plans = {};
  page = [];
  edit({ a: 1, b: 1 });
  const planned = async (method: 'get' | 'update', apply: () => unknown): Promise<never> =>
    (await (plans[method]?.shift() ?? ((run) => run()))(apply)) as never;
  const show = () => ({ entity: structuredClone(stored) });
  const apiClient: ApiClient = {
    get: (_, id) => planned('get', () => (id === '1' ? show() : null)),
    create: (_, made) => Promise.resolve({ entity: made }),
    update: (_, __, { entity }) =>
      planned('update', () => {
        stored = structuredClone(entity);
        return show();
      }),
    delete: () => Promise.reject(new UnavailableError()),
    changes: (): Promise<ChangePage> =>
      Promise.resolve({
        changes: page.splice(0).map((row) => ({ collection: 'tasks', id: row.id, record: { entity: row } })),
        cursor: 'end',
        hasMore: false,
      }),
  };
  sync = createSyncService(apiClient, {
    environment: world.environment,
    storage: world.storage,
    collections: { tasks: { detectConflicts: 'compare' } },
    concurrency: 1,
  });
  await sync.collection('tasks').load('1');
});
afterEach(() => sync.close());

it('G6 S10 what was not taken is not sent again over what others did since, where there are no versions', async () => {
  plans.update = [fail(new RateLimitedError({ retryAfterMs: 5_000 }))];
  sync.collection('tasks').patch('1', { a: 2 });
  await world.advance(1_000);
  edit({ a: 1, b: 3 });
  await world.advance(60_000);
  expect(fieldsOf(stored)).toEqual({ a: 2, b: 3 });
  expect(sync.queue.size).toBe(0);
});

it('G4 S12 an answer that was overtaken takes back nothing, where there are no versions', async () => {
  plans.get = [later(1_000)];
  const slow = sync.collection('tasks').load('1');
  await world.settle();
  edit({ a: 5 });
  await sync.collection('tasks').load('1');
  await world.advance(2_000);
  expect(fieldsOf(await slow)).toEqual({ a: 5 });
  expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual({ a: 5 });
});

it('G4 S12 what was told while a request was out is looked for until the backend says what is there', async () => {
  plans.update = [later(1_000)];
  sync.collection('tasks').patch('1', { a: 2 });
  await world.advance(500);
  edit({ a: 9, b: 9 });
  await sync.collection('tasks').load('1');
  plans.get = [fail(new UnavailableError())];
  await world.advance(120_000);
  expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual(fieldsOf(stored));
  expect(sync.queue.size).toBe(0);
});

it('G6 S12 what the feed tells takes back nothing under what is pending: it may be from before', async () => {
  sync.pause();
  sync.collection('tasks').patch('1', { a: 2 });
  edit({ a: 1, b: 3 });
  await sync.collection('tasks').load('1');
  page = [entity({ a: 1, b: 2 })];
  await sync.pull();
  expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual({ a: 2, b: 3 });
});

it('G6 S10 what is told before a sealed request goes is not overwritten', async () => {
  plans.get = [(run) => run(), later(5_000)];
  sync.collection('tasks').patch('1', { a: 2 });
  sync.collection('tasks').put({ id: '2' });
  await world.advance(1_000);
  edit({ a: 1, b: 3 });
  await sync.collection('tasks').load('1');
  await world.advance(60_000);
  expect(fieldsOf(stored)).toEqual({ a: 2, b: 3 });
  expect(sync.queue.size).toBe(0);
});

it('G6 S10 what is told before a request goes again of which nobody knows is not overwritten', async () => {
  plans.update = [fail(new UnavailableError())];
  sync.collection('tasks').patch('1', { a: 2 });
  await world.settle();
  edit({ a: 1, b: 3 });
  await sync.collection('tasks').load('1');
  await world.advance(60_000);
  expect(fieldsOf(stored)).toEqual({ a: 2, b: 3 });
  expect(sync.queue.size).toBe(0);
});
