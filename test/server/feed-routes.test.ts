import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore, createSyncServer } from '../../src/server/index.ts';
import { createApi, type Api } from './support/api.ts';
import { startTestServer } from './support/test-server.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';

const now = '2026-01-01T00:00:00.000Z';
const day = 24 * 60 * 60 * 1000;

interface Change {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly entity: object | null;
  readonly cursor?: string;
}
const idsOf = (changes: readonly Change[]): string[] => changes.map(({ id, deleted }) => (deleted ? `-${id}` : id));

async function fill(api: Api, ...ids: string[]): Promise<void> {
  for (const id of ids) await api.create(`/v1/notes/${id}`, { n: id });
}

describe('the change feed', () => {
  test('tells every change after a cursor, tombstones included, in commit order', async () => {
    const { api } = await startTestServer();
    await fill(api, 'a', 'b');
    await api.patch('/v1/notes/a', 1, [{ op: 'replace', path: '/n', value: 'z' }]);
    await api.remove('/v1/notes/b', 1);
    const { body } = await api.get('/v1/changes?since=life-1.1');
    const origin = { clientId: 'tester', updatedAt: now };
    expect(body).toEqual({
      epoch: 'life-1',
      changes: [
        {
          collection: 'notes',
          id: 'b',
          version: 1,
          baseVersion: null,
          deleted: false,
          entity: { id: 'b', n: 'b', version: 1, updatedAt: now },
          idempotencyKey: 'auto-2',
          cursor: 'life-1.2',
          ...origin,
        },
        {
          collection: 'notes',
          id: 'a',
          version: 2,
          baseVersion: 1,
          deleted: false,
          entity: { id: 'a', n: 'z', version: 2, updatedAt: now },
          idempotencyKey: 'auto-3',
          cursor: 'life-1.3',
          ...origin,
        },
        {
          collection: 'notes',
          id: 'b',
          version: 2,
          baseVersion: 1,
          deleted: true,
          entity: null,
          idempotencyKey: 'auto-4',
          cursor: 'life-1.4',
          ...origin,
        },
      ],
      cursor: 'life-1.4',
      hasMore: false,
    });
  });

  test('comes in pages that join without a gap', async () => {
    const { api } = await startTestServer();
    await fill(api, 'a', 'b', 'c', 'd', 'e');
    let [cursor, hasMore]: [string, boolean] = ['life-1.0', true];
    const pages: string[][] = [];
    while (hasMore) {
      const { body } = await api.get(`/v1/changes?since=${cursor}&limit=2`);
      pages.push(idsOf(body.changes));
      ({ cursor, hasMore } = body);
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect((await api.get(`/v1/changes?since=${cursor}`)).body).toMatchObject({ changes: [], cursor, hasMore: false });
  });

  test('each change carries the cursor to go on from', async () => {
    const { api } = await startTestServer();
    await fill(api, 'a', 'b', 'c');
    const { body } = await api.get('/v1/changes?since=life-1.0');
    const after = await Promise.all(body.changes.map(({ cursor }: Change) => api.get(`/v1/changes?since=${cursor}`)));
    expect(after.map((answer) => idsOf(answer.body.changes))).toEqual([['b', 'c'], ['c'], []]);
  });

  test('is filtered by collection, and a quiet collection moves on all the same', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', {});
    await api.create('/v1/tasks/b', {});
    await api.create('/v1/users/c', {});
    const ask = async (collections: string) => {
      const { body } = await api.get(`/v1/changes?since=life-1.0&collections=${collections}`);
      return [...idsOf(body.changes), body.cursor];
    };
    expect(await ask('notes')).toEqual(['a', 'life-1.3']);
    expect(await ask('users,notes')).toEqual(['a', 'c', 'life-1.3']);
    expect(await ask('users,users')).toEqual(['c', 'life-1.3']);
    expect(await ask('other')).toEqual(['life-1.3']);
    expect(await ask('')).toEqual(['a', 'b', 'c', 'life-1.3']);
  });

  test.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'collections=a/b', 'collections=a,,b'])(
    '%s answers 400',
    async (query) => {
      const { api } = await startTestServer();
      expect((await api.get(`/v1/changes?${query}`)).status).toBe(400);
    },
  );

  test('a page is never larger than the server allows', async () => {
    const { api } = await startTestServer({ limits: { pageSize: 2 } });
    await fill(api, 'a', 'b', 'c');
    expect((await api.get('/v1/changes?since=life-1.0&limit=99')).body).toMatchObject({
      hasMore: true,
      cursor: 'life-1.2',
    });
    expect((await api.get('/v1/changes?since=life-1.0')).body.changes).toHaveLength(2);
  });
});

describe('S38 cursors that lead nowhere', () => {
  test.each([
    'x',
    'life-1',
    'life-1.',
    'life-1.-1',
    'life-1.01',
    'life-0.0',
    'life-1.99',
    'life-1.0.!',
    'life-1.0.e30',
    ' ',
    '%00',
  ])('since=%s answers 410 cursor-expired', async (since) => {
    const { api } = await startTestServer();
    const { status, body } = await api.get(`/v1/changes?since=${since}`);
    expect([status, body]).toEqual([
      410,
      {
        type: 'urn:syncline:problem:cursor-expired',
        title: 'The feed no longer reaches back to this cursor.',
        status: 410,
        retryable: true,
        epoch: 'life-1',
      },
    ]);
  });

  test('changes older than the feed keeps are gone, and the snapshot serves', async () => {
    const { api, clock } = await startTestServer({ limits: { feedMs: 10 * day } });
    await fill(api, 'a');
    await clock.advance(9 * day);
    await fill(api, 'b');
    expect((await api.get('/v1/changes?since=life-1.0')).status).toBe(200);
    await clock.advance(2 * day);
    expect((await api.get('/v1/changes?since=life-1.0')).status).toBe(410);
    expect(idsOf((await api.get('/v1/changes?since=life-1.1')).body.changes)).toEqual(['b']);
    expect(idsOf((await api.get('/v1/changes')).body.changes)).toEqual(['a', 'b']);
    await clock.advance(90 * day);
    expect((await api.get('/v1/changes?since=life-1.1')).status).toBe(410);
    expect((await api.get('/v1/changes?since=life-1.2')).body).toMatchObject({ changes: [], cursor: 'life-1.2' });
  });

  test('more changes than the feed keeps are gone', async () => {
    const { api, clock } = await startTestServer({ limits: { feedChanges: 2 } });
    await fill(api, 'a', 'b', 'c');
    await clock.advance(day);
    expect((await api.get('/v1/changes?since=life-1.0')).status).toBe(410);
    expect(idsOf((await api.get('/v1/changes?since=life-1.1')).body.changes)).toEqual(['b', 'c']);
  });
});

describe.each(['/v1/changes', '/v1/snapshot'])('S38 the snapshot at %s', (path) => {
  const [place] = [path === '/v1/changes' ? 'since' : 'after'];

  const takePage = async (api: Api, cursor: string | null, query = '') => {
    const from = cursor === null ? '' : `&${place}=${cursor}`;
    return (await api.get(`${path}?limit=2${from}${query}`)).body;
  };

  test('has every entity that is there, and leads into the feed', async () => {
    const { api } = await startTestServer();
    await fill(api, 'a', 'b', 'c', 'd');
    await api.remove('/v1/notes/b', 1);
    const first = await takePage(api, null);
    const second = await takePage(api, first.cursor);
    expect([first, second]).toMatchObject([
      { snapshot: true, hasMore: true, epoch: 'life-1' },
      { snapshot: true, hasMore: false, cursor: 'life-1.5' },
    ]);
    expect([...idsOf(first.changes), ...idsOf(second.changes)]).toEqual(['a', 'c', 'd']);
    expect(first.changes[0]).toEqual({
      collection: 'notes',
      id: 'a',
      version: 1,
      baseVersion: null,
      deleted: false,
      entity: { id: 'a', n: 'a', version: 1, updatedAt: now },
      idempotencyKey: 'auto-1',
      clientId: 'tester',
      updatedAt: now,
    });
  });

  test('an empty server has an empty one', async () => {
    const { api } = await startTestServer();
    expect(await takePage(api, null)).toEqual({
      epoch: 'life-1',
      changes: [],
      cursor: 'life-1.0',
      hasMore: false,
      snapshot: true,
    });
  });

  test('what changes meanwhile is in the feed after it', async () => {
    const { api } = await startTestServer();
    await fill(api, 'b', 'c', 'd', 'e');
    const first = await takePage(api, null);
    await fill(api, 'a');
    await api.remove('/v1/notes/b', 1);
    await api.patch('/v1/notes/e', 1, [{ op: 'replace', path: '/n', value: 'new' }]);
    const second = await takePage(api, first.cursor);
    expect([...idsOf(first.changes), ...idsOf(second.changes)]).toEqual(['b', 'c', 'd', 'e']);
    const { body } = await api.get(`/v1/changes?since=${second.cursor}`);
    expect(idsOf(body.changes)).toEqual(['a', '-b', 'e']);
  });

  test('is filtered by collection', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/tasks/t', {});
    await fill(api, 'a', 'b', 'c');
    await api.create('/v1/users/u', {});
    const first = await takePage(api, null, '&collections=users,notes');
    const second = await takePage(api, first.cursor, '&collections=users,notes');
    expect([...idsOf(first.changes), ...idsOf(second.changes)]).toEqual(['a', 'b', 'c', 'u']);
  });

  test('one that is taken too slowly for the feed answers 410', async () => {
    const { api, clock } = await startTestServer({ limits: { feedChanges: 1 } });
    await fill(api, 'a', 'b', 'c');
    const first = await takePage(api, null);
    await fill(api, 'd', 'e');
    await clock.advance(day);
    const { status } = await api.get(`${path}?limit=2&${place}=${first.cursor}`);
    expect(status).toBe(410);
  });
});

test('G4 whoever follows pages and feed, in whatever steps, ends with what the server has', async () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'delete', 'read'),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    collection: fc.constantFrom('notes', 'tasks'),
    limit: fc.integer({ min: 1, max: 3 }),
  });
  let snapshotsPaged = 0;
  const property = fc.asyncProperty(commandsOf(step), async (steps) => {
    const server = await createSyncServer({ database: createMemoryStore('life-1') });
    const api = createApi(server);
    const replica = new Map<string, object>();
    const versions = new Map<string, number>();
    let [cursor, mentioned]: [string | null, Set<string>] = [null, new Set()];

    const read = async (limit: number): Promise<boolean> => {
      const { body } = await api.get(`/v1/changes?limit=${limit}${cursor === null ? '' : `&since=${cursor}`}`);
      for (const change of body.changes as Change[]) {
        const place = `${change.collection}/${change.id}`;
        mentioned.add(place);
        if (change.version < (versions.get(place) ?? 0)) continue;
        versions.set(place, change.version);
        if (change.entity === null) replica.delete(place);
        else replica.set(place, change.entity);
      }
      if (body.snapshot === true && !body.hasMore) {
        for (const place of [...replica.keys()]) if (!mentioned.has(place)) replica.delete(place);
      }
      if (body.snapshot === true && body.hasMore) snapshotsPaged += 1;
      cursor = body.cursor;
      if (body.snapshot !== true) mentioned = new Set();
      return body.hasMore || body.snapshot === true || body.changes.length > 0;
    };

    for (const { kind, id, collection, limit } of steps) {
      const path = `/v1/${collection}/${id}`;
      const { body } = await api.get(path);
      const version = body.version ?? 0;
      if (kind === 'read') await read(limit);
      else if (kind === 'delete') await api.remove(path, version);
      else if (version === 0) await api.create(path, { n: 1 });
      else await api.patch(path, version, [{ op: 'add', path: '/n', value: version }]);
    }
    while (await read(2));
    await read(2);
    const { body } = await api.get('/v1/snapshot?limit=100');
    const truth = new Map(
      (body.changes as Change[]).map((change) => [`${change.collection}/${change.id}`, change.entity]),
    );
    expect(Object.fromEntries(replica)).toEqual(Object.fromEntries(truth));
    await server.close();
  });
  await runAsyncProperty(property, 200);
  expectSeen(snapshotsPaged, 20);
});
