import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FeedChange, Store, StoredEntity, StoredRepeat, StoreTransaction } from '../../src/server/ports/store.ts';

const entity = (fields: Partial<StoredEntity> = {}): StoredEntity => ({
  collection: 'notes',
  id: 'a',
  version: 1,
  entity: { id: 'a', text: 'one' },
  updatedAt: '2026-01-01T00:00:00.000Z',
  idempotencyKey: 'key-1',
  clientId: 'client-1',
  ...fields,
});

const change = (fields: Partial<FeedChange> = {}): FeedChange => ({
  ...entity(fields),
  baseVersion: null,
  before: null,
  patch: null,
  committedAtMs: 1000,
  ...fields,
});

const repeat = (fields: Partial<StoredRepeat> = {}): StoredRepeat => ({
  principal: 'ada',
  key: 'key-1',
  fingerprint: 'f1',
  answer: {
    status: 204,
    record: { entity: null, version: 2, deleted: true, updatedAt: '2026-01-01T00:00:00.000Z' },
  },
  appliedAtMs: 1000,
  ...fields,
});

const hostileNames = [
  '__proto__',
  'constructor',
  'a/b',
  '../x',
  '%2F',
  'a\u0000b',
  '"',
  "'; drop table feed; --",
  '🙂',
  ' ',
];

/** What every store must do. `open` gives an empty one. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store;
    const write = <T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> => store.transaction(work);
    const append = (...changes: FeedChange[]): Promise<void> =>
      write(async (transaction) => {
        for (const each of changes) await transaction.appendChange(each);
      });
    const seqs = async (query: { after: number; limit: number; collections: readonly string[] | null }) =>
      (await store.read((reader) => reader.changes(query))).map(({ seq }) => seq);
    const bounds = () => store.read((reader) => reader.bounds());

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    test('an empty store has nothing', async () => {
      const found = await store.read(async (reader) => [
        await reader.entity('notes', 'a'),
        await reader.repeat('ada', 'key-1'),
        await reader.bounds(),
        await reader.changes({ after: 0, limit: 10, collections: null }),
        await reader.entities({ after: null, limit: 10, collections: null }),
      ]);
      expect(found).toEqual([null, null, { floor: 0, head: 0 }, [], []]);
    });

    test('what is put comes back, replaced by what is put later', async () => {
      await write((transaction) => transaction.putEntity(entity()));
      const later = entity({ version: 2, entity: null, clientId: 'client-2' });
      await write((transaction) => transaction.putEntity(later));
      expect(await store.read((reader) => reader.entity('notes', 'a'))).toEqual(later);
    });

    test('a transaction sees its own writes', async () => {
      const found = await write(async (transaction) => {
        await transaction.putEntity(entity());
        await transaction.putRepeat(repeat());
        const seq = await transaction.appendChange(change());
        return [
          seq,
          await transaction.entity('notes', 'a'),
          await transaction.repeat('ada', 'key-1'),
          await transaction.bounds(),
        ];
      });
      expect(found).toEqual([1, entity(), repeat(), { floor: 0, head: 1 }]);
    });

    test('a transaction that rejects leaves nothing behind', async () => {
      await write((transaction) => transaction.putEntity(entity()));
      const failed = write(async (transaction) => {
        await transaction.putEntity(entity({ version: 2 }));
        await transaction.putEntity(entity({ id: 'b' }));
        await transaction.putRepeat(repeat());
        await transaction.appendChange(change());
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      const found = await store.read(async (reader) => [
        await reader.entity('notes', 'a'),
        await reader.entity('notes', 'b'),
        await reader.repeat('ada', 'key-1'),
        await reader.changes({ after: 0, limit: 10, collections: null }),
      ]);
      expect(found).toEqual([entity(), null, null, []]);
    });

    test('a savepoint that rejects undoes only its own writes', async () => {
      await write(async (transaction) => {
        await transaction.putEntity(entity());
        await transaction.appendChange(change());
        const inner = transaction.savepoint(async () => {
          await transaction.putEntity(entity({ version: 2 }));
          await transaction.appendChange(change({ version: 2 }));
          throw new Error('inner');
        });
        await expect(inner).rejects.toThrow('inner');
        await transaction.savepoint(() => transaction.putEntity(entity({ id: 'b' })));
      });
      const found = await store.read(async (reader) => [
        (await reader.entity('notes', 'a'))?.version,
        (await reader.entity('notes', 'b'))?.version,
        (await reader.changes({ after: 0, limit: 10, collections: null })).length,
      ]);
      expect(found).toEqual([1, 1, 1]);
    });

    test('transactions happen one after the other, and readers see whole ones', async () => {
      const order: string[] = [];
      const slow = (label: string) =>
        write(async (transaction) => {
          order.push(`${label} begins`);
          await transaction.putEntity(entity({ id: label }));
          await transaction.appendChange(change({ id: label }));
          order.push(`${label} ends`);
        });
      const seen = store.read((reader) => reader.bounds());
      const all = [slow('a'), seen, slow('b'), store.read((reader) => reader.bounds())];
      const [, before, , after] = await Promise.all(all);
      expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
      expect([before, after]).toEqual([
        { floor: 0, head: 0 },
        { floor: 0, head: 2 },
      ]);
    });

    test('a failed transaction does not stop the next', async () => {
      await expect(write(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      await write((transaction) => transaction.putEntity(entity()));
      expect(await store.read((reader) => reader.entity('notes', 'a'))).toEqual(entity());
    });

    test('the feed keeps commit order and whole changes', async () => {
      const first = change({ patch: null });
      const second = change({
        version: 2,
        baseVersion: 1,
        before: { id: 'a', text: 'one' },
        entity: { id: 'a', text: 'two' },
        patch: [{ op: 'replace', path: '/text', value: 'two' }],
        committedAtMs: 2000,
      });
      await append(first, second);
      expect(await store.read((reader) => reader.changes({ after: 0, limit: 10, collections: null }))).toEqual([
        { ...first, seq: 1 },
        { ...second, seq: 2 },
      ]);
    });

    test('the feed is read by place, limit and collection', async () => {
      await append(
        change({ collection: 'notes' }),
        change({ collection: 'tasks' }),
        change({ collection: 'users' }),
        change({ collection: 'notes', version: 2 }),
      );
      expect(await seqs({ after: 0, limit: 3, collections: null })).toEqual([1, 2, 3]);
      expect(await seqs({ after: 2, limit: 10, collections: null })).toEqual([3, 4]);
      expect(await seqs({ after: 0, limit: 10, collections: ['notes'] })).toEqual([1, 4]);
      expect(await seqs({ after: 0, limit: 1, collections: ['notes'] })).toEqual([1]);
      expect(await seqs({ after: 1, limit: 10, collections: ['tasks', 'notes'] })).toEqual([2, 4]);
      expect(await seqs({ after: 0, limit: 10, collections: [] })).toEqual([]);
    });

    test('entities are listed without tombstones, page by page, whatever their ids', async () => {
      await write(async (transaction) => {
        for (const id of hostileNames) await transaction.putEntity(entity({ id, entity: { id } }));
        await transaction.putEntity(entity({ id: 'gone', entity: null }));
        await transaction.putEntity(entity({ collection: 'tasks', id: 't' }));
      });
      const list = async (collections: readonly string[] | null, limit: number): Promise<string[]> => {
        const found: string[] = [];
        let after: StoredEntity | null = null;
        for (;;) {
          const page: StoredEntity[] = await store.read((reader) => reader.entities({ after, limit, collections }));
          found.push(...page.map(({ collection, id }) => `${collection}/${id}`));
          after = page.at(-1) ?? null;
          if (page.length < limit || after === null) return found;
        }
      };
      const notes = hostileNames.map((id) => `notes/${id}`).toSorted();
      for (const limit of [1, 3, 100]) {
        expect((await list(['notes'], limit)).toSorted()).toEqual(notes);
        expect((await list(['tasks', 'notes', 'none'], limit)).toSorted()).toEqual([...notes, 'tasks/t']);
        expect((await list(null, limit)).toSorted()).toEqual([...notes, 'tasks/t']);
      }
    });

    test.each(hostileNames)('ids, keys, principals and clients may be %j', async (text) => {
      const stored = entity({
        id: text,
        entity: JSON.parse(`{"id":1,"__proto__":{"a":1}}`),
        idempotencyKey: text,
        clientId: text,
      });
      await write(async (transaction) => {
        await transaction.putEntity(stored);
        await transaction.putRepeat(repeat({ principal: text, key: text }));
        await transaction.appendChange(change(stored));
      });
      const found = await store.read(async (reader) => [
        await reader.entity('notes', text),
        await reader.repeat(text, text),
        await reader.changes({ after: 0, limit: 1, collections: null }),
      ]);
      expect(found).toEqual([stored, repeat({ principal: text, key: text }), [{ ...change(stored), seq: 1 }]]);
    });

    test('S4 keys are scoped by principal', async () => {
      await write((transaction) => transaction.putRepeat(repeat()));
      const found = await store.read(async (reader) => [
        await reader.repeat('ada', 'key-1'),
        await reader.repeat('bob', 'key-1'),
        await reader.repeat('ada', 'key-2'),
      ]);
      expect(found).toEqual([repeat(), null, null]);
    });

    test('old changes and repeats expire in steps, from the oldest on, and the floor rises', async () => {
      await append(...[1000, 2000, 3000, 4000].map((committedAtMs) => change({ committedAtMs })));
      await write(async (transaction) => {
        await transaction.putRepeat(repeat({ key: 'old', appliedAtMs: 1000 }));
        await transaction.putRepeat(repeat({ key: 'new', appliedAtMs: 2000 }));
      });
      const expiry = { changesBeforeMs: 3000, maxChanges: 100, repeatsBeforeMs: 2000, limit: 1 };
      expect(await store.expire(expiry)).toBe(2);
      expect(await bounds()).toEqual({ floor: 1, head: 4 });
      expect(await store.expire(expiry)).toBe(1);
      expect(await store.expire(expiry)).toBe(0);
      expect(await bounds()).toEqual({ floor: 2, head: 4 });
      expect(await seqs({ after: 0, limit: 10, collections: null })).toEqual([3, 4]);
      expect(await store.read((reader) => reader.repeat('ada', 'old'))).toBeNull();
      expect(await store.read((reader) => reader.repeat('ada', 'new'))).not.toBeNull();
    });

    test('too many changes expire, and numbers are never given twice', async () => {
      await append(change(), change(), change());
      await store.expire({ changesBeforeMs: 0, maxChanges: 1, repeatsBeforeMs: 0, limit: 100 });
      expect(await bounds()).toEqual({ floor: 2, head: 3 });
      await store.expire({ changesBeforeMs: 0, maxChanges: 0, repeatsBeforeMs: 0, limit: 100 });
      expect(await bounds()).toEqual({ floor: 3, head: 3 });
      await append(change());
      expect(await seqs({ after: 3, limit: 10, collections: null })).toEqual([4]);
    });

    test('a change behind a younger one is kept with it: what remains has no holes', async () => {
      await append(change({ committedAtMs: 5000 }), change({ committedAtMs: 1000 }), change({ committedAtMs: 6000 }));
      await store.expire({ changesBeforeMs: 4000, maxChanges: 100, repeatsBeforeMs: 0, limit: 100 });
      expect(await seqs({ after: 0, limit: 10, collections: null })).toEqual([1, 2, 3]);
    });

    test('a closed store refuses; closing twice is once', async () => {
      await store.close();
      await store.close();
      await expect(store.read((reader) => reader.bounds())).rejects.toMatchObject({ code: 'closed' });
      await expect(
        store.expire({ changesBeforeMs: 0, maxChanges: 0, repeatsBeforeMs: 0, limit: 1 }),
      ).rejects.toMatchObject({
        code: 'closed',
      });
    });
  });
}
