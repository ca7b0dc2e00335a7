import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibsqlDatabase } from '../../src/server/adapters/libsql-database.ts';
import { createLibsqlStore } from '../../src/server/adapters/libsql-store.ts';
import { createMemoryStore, createSyncServer, type Store, type StoreTransaction } from '../../src/server/index.ts';
import { createApi } from './support/api.ts';
import { expectSeen, runAsyncProperty } from '../core/run-property.ts';

const ids = ['a', 'b'] as const;
interface Write {
  readonly type: 'create' | 'update' | 'delete';
  readonly id: string;
  readonly baseVersion: number;
  readonly key: number;
}

const write: fc.Arbitrary<Write> = fc.record({
  type: fc.constantFrom<Write['type']>('create', 'update', 'delete'),
  id: fc.constantFrom(...ids),
  baseVersion: fc.integer({ min: 1, max: 6 }),
  key: fc.integer({ min: 0, max: 15 }),
});
const rounds = fc.array(fc.array(fc.array(write, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 4,
});

interface Result {
  readonly idempotencyKey: string;
  readonly status: number;
  readonly replayed?: boolean;
  readonly record?: { readonly version: number };
}

const toRequest = ({ type, id, baseVersion, key }: Write) => ({
  idempotencyKey: `k${key}`,
  type,
  collection: 'notes',
  entityId: id,
  ...(type === 'create' && { entity: { id, key } }),
  ...(type === 'update' && { patch: [{ op: 'add', path: '/key', value: key }] }),
  baseVersion: type === 'create' ? null : baseVersion,
});

const stores: readonly (readonly [string, () => Promise<Store>])[] = [
  ['memory', async () => createMemoryStore('life-1')],
  ['libsql', async () => createLibsqlStore(await openLibsqlDatabase(':memory:'), () => 'life-1')],
];

test.each(stores)(
  'G2 G3 writers that race on %s: versions without holes, one effect per key, the feed tells all',
  async (_, open) => {
    let [applied, raced] = [0, 0];
    const property = fc.asyncProperty(rounds, async (plan) => {
      const store = await open();
      const server = await createSyncServer({
        database: store,
        authorize: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return true;
        },
      });
      const api = createApi(server);
      const results: Result[] = [];
      for (const batches of plan) {
        const answers = await Promise.all(batches.map((batch) => api.batch(batch.map(toRequest))));
        for (const { body } of answers) results.push(...body.results);
      }
      const { body } = await api.get('/v1/changes?since=life-1.0&limit=1000');
      const feed = body.changes as readonly {
        id: string;
        version: number;
        baseVersion: number | null;
        idempotencyKey: string;
      }[];

      const fresh = results.filter(({ status, replayed }) => status < 300 && replayed !== true);
      expect(feed.map(({ idempotencyKey }) => idempotencyKey).toSorted()).toEqual(
        fresh.map(({ idempotencyKey }) => idempotencyKey).toSorted(),
      );
      expect(new Set(feed.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(feed.length);
      for (const id of ids) {
        const versions = feed.filter((change) => change.id === id).map(({ version }) => version);
        expect(versions).toEqual(versions.map((__, index) => index + 1));
        const stored = await store.read((reader) => reader.entity('notes', id));
        expect(stored?.version ?? 0).toBe(versions.length);
      }
      expect(results.filter(({ status }) => status >= 500)).toEqual([]);
      applied += fresh.length;
      raced += results.filter(({ status }) => status === 409).length;
      await server.close();
      await store.close();
    });
    await runAsyncProperty(property, 200);
    expectSeen(applied, 200);
    expectSeen(raced, 20);
  },
);

test('a write whose entity changed while the hook thought about it is judged again', async () => {
  const store = createMemoryStore('life-1');
  const outer = createApi(await createSyncServer({ database: store }), 'outer');
  let interruptions = 0;
  const inner = createApi(
    await createSyncServer({
      database: store,
      authorize: async () => {
        if (interruptions === 1) await outer.replace('/v1/notes/a', 1, { by: 'outer' });
        interruptions += 1;
        return true;
      },
    }),
  );
  await inner.create('/v1/notes/a', {});
  const requests = [
    { idempotencyKey: 'k1', type: 'update', collection: 'notes', entityId: 'a', patch: [], baseVersion: 1 },
    { idempotencyKey: 'k2', type: 'update', collection: 'notes', entityId: 'a', patch: [], baseVersion: 2 },
    {
      idempotencyKey: 'k3',
      type: 'create',
      collection: 'notes',
      entityId: 'b',
      entity: { id: 'b' },
      baseVersion: null,
    },
  ];
  const { body } = await inner.batch(requests);
  expect(body.results).toMatchObject([
    { idempotencyKey: 'k1', status: 412, problem: { current: { entity: { by: 'outer' }, version: 2 } } },
    { idempotencyKey: 'k2', status: 424 },
    { idempotencyKey: 'k3', status: 201 },
  ]);
});

test('a write that never finds its entity at rest is told to come again', async () => {
  const store = createMemoryStore('life-1');
  const outer = createApi(await createSyncServer({ database: store }), 'outer');
  let version = 0;
  const inner = createApi(
    await createSyncServer({
      database: store,
      authorize: async () => {
        version += 1;
        await outer.replace('/v1/notes/a', version, { version });
        return true;
      },
    }),
  );
  await outer.create('/v1/notes/a', {});
  const answer = await inner.send('PUT', '/v1/notes/a', { headers: { 'if-match': '*' }, body: {} });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
});

describe('writes that arrive together', () => {
  const createCounted = () => {
    const store = createMemoryStore('life-1');
    const counted = {
      transactions: 0,
      isBroken: false,
      store: {
        ...store,
        transaction: <T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> => {
          counted.transactions += 1;
          return store.transaction(async (transaction) => {
            const result = await work(transaction);
            if (counted.isBroken) throw new Error('disk full');
            return result;
          });
        },
      } satisfies Store,
    };
    return counted;
  };
  const names = Array.from({ length: 50 }, (_, n) => `n${n}`);

  test('share transactions, and each is answered by its own', async () => {
    const counted = createCounted();
    const api = createApi(await createSyncServer({ database: counted.store }));
    const answers = await Promise.all(names.map((name) => api.create(`/v1/notes/${name}`, { name })));
    expect(answers.map(({ status, body }) => [status, body.entity.name])).toEqual(names.map((name) => [201, name]));
    expect(counted.transactions).toBeLessThan(names.length / 5);
  });

  test('fail together, leave nothing, and may come again', async () => {
    const counted = createCounted();
    const failures: unknown[] = [];
    const api = createApi(
      await createSyncServer({ database: counted.store, reportFailure: (error) => failures.push(error) }),
    );
    counted.isBroken = true;
    const failed = await Promise.all(names.map((name) => api.create(`/v1/notes/${name}`, {})));
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([500]));
    expect(failures).toHaveLength(names.length);
    expect((await api.get('/v1/snapshot')).body.changes).toEqual([]);
    counted.isBroken = false;
    expect((await api.create('/v1/notes/n0', {})).status).toBe(201);
  });
});
