import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ISyncEntity } from '../../src/core/entity.ts';
import {
  ConflictError,
  CursorExpiredError,
  NotFoundError,
  RejectedError,
  type SyncError,
} from '../../src/core/errors.ts';
import type { JsonPatch } from '../../src/core/json.ts';
import type { SyncRequest } from '../../src/core/operation.ts';
import type { ChangePage, ServerRecord } from '../../src/core/record.ts';
import type { ApiClient, RequestContext } from '../../src/ports/api-client.ts';

/** A client with a backend of its own, empty. */
export interface ApiClientUnderTest {
  readonly client: ApiClient;
  close?(): Promise<void>;
}

/** Which of the optional capabilities the client has: their tests are registered. */
export interface ApiClientCapabilities {
  readonly idempotent?: boolean;
  readonly batch?: boolean;
  readonly changes?: boolean;
  readonly probe?: boolean;
}

interface Note extends ISyncEntity {
  readonly title: string;
  readonly tags?: readonly string[];
}

const collection = 'notes';
const stamp = '2020-01-01T00:00:00.000Z';
const oddIds = ['__proto__', 'constructor', 'a/b', '../x', '%2e%2e', 'a b?c#d', 'é', '😀', 'x'.repeat(256), '...'];

/** The contract that every {@link ApiClient} keeps, registered for one of them. */
export function describeApiClient(
  name: string,
  start: () => Promise<ApiClientUnderTest>,
  capabilities: ApiClientCapabilities = {},
): void {
  describe(`ApiClient contract: ${name}`, () => {
    let running: ApiClientUnderTest;
    let client: ApiClient;
    let calls = 0;

    beforeEach(async () => {
      running = await start();
      client = running.client;
    });
    afterEach(async () => {
      await running.close?.();
    });

    const context = (idempotencyKey = `key-${(calls += 1)}`): RequestContext => ({
      clientId: 'contract',
      idempotencyKey,
      attempt: 1,
      signal: new AbortController().signal,
    });
    const note = (id: string, title: string): Note => ({ id, title, updatedAt: stamp });
    const create = (id: string, title = 'first'): Promise<ServerRecord> =>
      client.create(collection, note(id, title), context());
    const retitle = (record: ServerRecord, title: string, key?: string): Promise<ServerRecord> => {
      const entity = { ...(record.entity as Note), title };
      const patch: JsonPatch = [{ op: 'replace', path: '/title', value: title }];
      return client.update(collection, entity.id, { patch, entity, baseVersion: record.version ?? null }, context(key));
    };
    const remove = (id: string, record: ServerRecord, key?: string): Promise<ServerRecord | void> =>
      client.delete(collection, id, { baseVersion: record.version ?? null }, context(key));
    const titleOf = (record: ServerRecord | null): unknown => (record?.entity as Note | null)?.title;

    test('what was created is read back, with a version', async () => {
      const created = await create('1');
      expect(created).toMatchObject({ entity: { id: '1', title: 'first' } });
      expect(created.version).toBeDefined();
      expect(await client.get(collection, '1', context())).toMatchObject({
        entity: { id: '1', title: 'first' },
        version: created.version,
      });
    });

    test('an entity that was never there is null', async () => {
      expect(await client.get(collection, 'none', context())).toBeNull();
    });

    test('S12 an update moves the version on', async () => {
      const created = await create('1');
      const updated = await retitle(created, 'second');
      expect(titleOf(updated)).toBe('second');
      expect(updated.version).not.toEqual(created.version);
      if (client.capabilities?.orderedVersions === true)
        expect(updated.version).toBeGreaterThan(Number(created.version));
    });

    test('S12 an update on an old version is a conflict that tells the current record', async () => {
      const created = await create('1');
      const updated = await retitle(created, 'theirs');
      const conflict = await failure(retitle(created, 'mine'), ConflictError);
      expect(conflict.current).toMatchObject({ entity: { id: '1', title: 'theirs' }, version: updated.version });
      expect(titleOf(await client.get(collection, '1', context()))).toBe('theirs');
    });

    test('creating what is there already is a conflict that tells the current record', async () => {
      const created = await create('1', 'theirs');
      const conflict = await failure(create('1', 'mine'), ConflictError);
      expect(conflict.current).toMatchObject({ entity: { title: 'theirs' }, version: created.version });
    });

    test('a deleted entity is gone, and can be created again under a new version (S17)', async () => {
      const created = await create('1');
      const deleted = await remove('1', created);
      if (deleted !== undefined) expect(deleted).toMatchObject({ entity: null });
      expect((await client.get(collection, '1', context()))?.entity ?? null).toBeNull();
      const again = await create('1', 'again');
      expect(titleOf(again)).toBe('again');
      expect(again.version).not.toEqual(created.version);
    });

    test('deleting on an old version is a conflict, and deletes nothing', async () => {
      const created = await create('1');
      await retitle(created, 'theirs');
      await failure(remove('1', created), ConflictError);
      expect(titleOf(await client.get(collection, '1', context()))).toBe('theirs');
    });

    test('updating and deleting what is not there is not found', async () => {
      const absent = { entity: note('none', 'x'), version: 1 };
      await failure(retitle(absent, 'y'), NotFoundError);
      await failure(remove('none', absent), NotFoundError);
    });

    test.each(oddIds)('S42 the id %j is plain data', async (id) => {
      const updated = await retitle(await create(id), 'second');
      expect((await client.get(collection, id, context()))?.entity).toMatchObject({ id, title: 'second' });
      await remove(id, updated);
      expect((await client.get(collection, id, context()))?.entity ?? null).toBeNull();
    });

    test('collections do not share ids', async () => {
      await create('1', 'a note');
      await client.create('tasks', note('1', 'a task'), context());
      expect(titleOf(await client.get(collection, '1', context()))).toBe('a note');
    });

    test('what is handed over is neither changed nor kept', async () => {
      const handed = note('1', 'first') as { -readonly [K in keyof Note]: Note[K] };
      await client.create(collection, handed, context());
      expect(handed).toEqual(note('1', 'first'));
      handed.title = 'changed later';
      expect(titleOf(await client.get(collection, '1', context()))).toBe('first');
    });

    if (capabilities.idempotent === true) {
      test('G2 a repeated key gets the first answer, and changes nothing', async () => {
        const created = await client.create(collection, note('1', 'first'), context('c'));
        expect(await client.create(collection, note('1', 'first'), context('c'))).toEqual(created);
        const updated = await retitle(created, 'second', 'u');
        await retitle(updated, 'third');
        expect(await retitle(created, 'second', 'u')).toEqual(updated);
        const third = (await client.get(collection, '1', context())) as ServerRecord;
        expect(titleOf(third)).toBe('third');
        const deleted = await remove('1', third, 'd');
        expect(await remove('1', third, 'd')).toEqual(deleted);
      });

      test('S4 a repeated key with other content is refused', async () => {
        const created = await client.create(collection, note('1', 'first'), context('c'));
        await failure(client.create(collection, note('1', 'other'), context('c')), RejectedError);
        expect(await client.get(collection, '1', context())).toMatchObject({ version: created.version });
      });
    }

    if (capabilities.batch === true) {
      const batch = (requests: readonly SyncRequest[]) => client.batch!(requests, context());

      test('a batch answers each request under its key', async () => {
        const [a, b] = [await create('a'), await create('b')];
        const patch: JsonPatch = [{ op: 'replace', path: '/title', value: 'second' }];
        const outcomes = await batch([
          {
            idempotencyKey: 'k1',
            type: 'create',
            collection,
            entityId: 'c',
            entity: note('c', 'new'),
            baseVersion: null,
          },
          { idempotencyKey: 'k2', type: 'update', collection, entityId: 'a', patch, baseVersion: a.version ?? null },
          { idempotencyKey: 'k3', type: 'delete', collection, entityId: 'b', baseVersion: b.version ?? null },
          { idempotencyKey: 'k4', type: 'update', collection, entityId: 'none', patch, baseVersion: 1 },
          {
            idempotencyKey: 'k5',
            type: 'create',
            collection,
            entityId: 'a',
            entity: note('a', 'x'),
            baseVersion: null,
          },
        ]);
        const byKey = new Map(outcomes.map((outcome) => [outcome.idempotencyKey, outcome]));
        expect(byKey.get('k1')).toMatchObject({ record: { entity: { id: 'c', title: 'new' } } });
        expect(byKey.get('k2')).toMatchObject({ record: { entity: { id: 'a', title: 'second' } } });
        expect(byKey.get('k3')).toMatchObject({ record: { entity: null } });
        expect(byKey.get('k4')).toMatchObject({ error: expect.any(NotFoundError) });
        expect(byKey.get('k5')).toMatchObject({ error: { current: { entity: { title: 'second' } } } });
      });

      test('S4 a request of a batch is recognised when it comes alone, and the other way round', async () => {
        const entity = note('1', 'first');
        const request = {
          idempotencyKey: 'k',
          type: 'create',
          collection,
          entityId: '1',
          entity,
          baseVersion: null,
        } as const;
        const created = await client.create(collection, entity, context('k'));
        expect(await batch([request])).toEqual([{ idempotencyKey: 'k', record: created }]);
      });
    }

    if (capabilities.changes === true) {
      const readAll = async (from: string | null, limit: number): Promise<readonly ChangePage[]> => {
        const pages: ChangePage[] = [];
        for (let cursor = from; ; cursor = pages.at(-1)!.cursor) {
          const page = await client.changes!(collection, { cursor, limit }, context());
          pages.push(page);
          if (!page.hasMore) return pages;
        }
      };

      test('S38 from nothing, a snapshot in pages, then the changes since', async () => {
        for (const id of ['a', 'b', 'c', 'd', 'e']) await create(id);
        await client.create('tasks', note('t', 'another collection'), context());
        const snapshot = await readAll(null, 2);
        expect(snapshot.map(({ changes }) => changes.length)).toEqual([2, 2, 1]);
        expect(snapshot.every((page) => page.snapshot === true)).toBe(true);
        expect(snapshot.flatMap(({ changes }) => changes.map(({ id }) => id)).toSorted()).toEqual([
          'a',
          'b',
          'c',
          'd',
          'e',
        ]);

        const read = (await client.get(collection, 'a', context())) as ServerRecord;
        const updated = await retitle(read, 'second', 'the-key');
        await remove('b', (await client.get(collection, 'b', context())) as ServerRecord);
        const changes = (await readAll(snapshot.at(-1)!.cursor, 1)).flatMap((page) => page.changes);
        expect(changes).toMatchObject([
          {
            collection,
            id: 'a',
            record: { entity: { title: 'second' }, version: updated.version },
            idempotencyKey: 'the-key',
          },
          { collection, id: 'b', record: { entity: null, deleted: true } },
        ]);
        expect(changes[0]).toMatchObject({ clientId: 'contract', baseVersion: read.version });
      });

      test('S38 reading on from a place where nothing happened gives nothing and a cursor to go on', async () => {
        await create('a');
        const [{ cursor } = { cursor: '' }] = await readAll(null, 10);
        const page = await client.changes!(collection, { cursor, limit: 10 }, context());
        expect(page).toMatchObject({ changes: [], hasMore: false });
        await create('b');
        expect((await readAll(page.cursor, 10)).flatMap(({ changes }) => changes.map(({ id }) => id))).toEqual(['b']);
      });

      test('S38 a cursor that is not known is expired', async () => {
        await failure(client.changes!(collection, { cursor: 'nonsense', limit: 10 }, context()), CursorExpiredError);
      });
    }

    if (capabilities.probe === true) {
      test('S26 the probe resolves when the backend is there', async () => {
        await expect(client.probe!(context())).resolves.toBeUndefined();
      });
    }

    test('the capabilities are those that are tested here', () => {
      expect({
        idempotent: client.capabilities?.idempotent === true,
        batch: client.batch !== undefined,
        changes: client.changes !== undefined,
        probe: client.probe !== undefined,
      }).toEqual({ idempotent: false, batch: false, changes: false, probe: false, ...capabilities });
    });
  });
}

async function failure<E extends SyncError>(call: Promise<unknown>, kind: new (...options: never[]) => E): Promise<E> {
  const error = await call.then(
    (value) => new Error(`Resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(kind);
  return error as E;
}
