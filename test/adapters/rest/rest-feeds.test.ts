import { describe, expect, test } from 'vitest';
import type { ChangePage, SyncError } from '../../../src/index.ts';
import { createRestApiClient, type RestApiClientOptions, type RestListOptions } from '../../../src/rest.ts';
import { createRequestContext } from '../../support/request-context.ts';
import { createListServer, type ListServer } from './list-server.ts';

const context = createRequestContext();

function reader(server: Pick<ListServer, 'fetch'>, list: RestListOptions, more: Partial<RestApiClientOptions> = {}) {
  const client = createRestApiClient({
    baseUrl: 'https://api.example.com/',
    fetch: (url) => server.fetch(url),
    version: { pointer: '/rev' },
    list: { maxLimit: 2, ...list },
    ...more,
  });
  const page = (cursor: string | null) => client.changes!('rows', { cursor, limit: 500 }, context);
  async function pages(cursor: string | null): Promise<readonly ChangePage[]> {
    const read: ChangePage[] = [];
    for (let next = cursor; ; next = read.at(-1)!.cursor) {
      read.push(await page(next));
      if (!read.at(-1)!.hasMore) return read;
    }
  }
  return { client, page, pages };
}

const idsOf = (pages: readonly ChangePage[]) => pages.map(({ changes }) => changes.map(({ id }) => id).join(''));
const failureOf = (call: Promise<unknown>): Promise<SyncError> =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error as SyncError,
  );

function filled(ids = 'abcde', most?: number): ListServer {
  const server = createListServer(most);
  for (const id of ids) server.write(id, id);
  return server;
}

const byTime = '/rows?sort=time&since={since}&page={page}&limit={limit}';

describe('S38 a snapshot', () => {
  test.each([
    ['of one page', '/rows', undefined, ['abcde'], ['/rows']],
    [
      'by page number',
      '/rows?page={page}&limit={limit}',
      undefined,
      ['ab', 'cd', 'e'],
      ['/rows?page=1&limit=2', '/rows?page=2&limit=2', '/rows?page=3&limit=2'],
    ],
    ['by offset, one row twice', '/rows?offset={offset}&limit={limit}', undefined, ['ab', 'c', 'd', 'e', ''], null],
    [
      'after the last id',
      '/rows?after={after}&limit={limit}',
      undefined,
      ['ab', 'cd', 'e'],
      ['/rows?limit=2', '/rows?after=b&limit=2', '/rows?after=d&limit=2'],
    ],
    ['with the number of all rows', '/rows?page={page}&limit={limit}', 'X-Total-Count', ['ab', 'cd', 'e'], null],
  ] as const)('%s', async (_, path, total, gives, asks) => {
    const server = filled();
    const pages = await reader(server, { path, ...(total ? { total } : {}) }).pages(null);
    expect(idsOf(pages)).toEqual(gives);
    expect(pages.every(({ snapshot }) => snapshot === true)).toBe(true);
    expect(pages.at(-1)?.replayFrom).toBe(pages.at(-1)?.cursor);
    if (asks !== null) expect(server.asked).toEqual(asks);
    expect(pages[0]?.changes[0]).toEqual({
      collection: 'rows',
      id: 'a',
      record: {
        entity: { id: 'a', text: 'a', updatedAt: '2026-01-01T00:00:00.001Z', version: 1 },
        version: 1,
        deleted: false,
        updatedAt: '2026-01-01T00:00:00.001Z',
      },
    });
  });

  test('is read anew each time: its end is no place to read on from', async () => {
    const { page, pages } = reader(filled(), { path: '/rows' });
    const [{ cursor } = { cursor: '' }] = await pages(null);
    expect(await failureOf(page(cursor))).toMatchObject({ code: 'cursor-expired' });
    expect(await failureOf(page('nonsense'))).toMatchObject({ code: 'cursor-expired' });
    expect(await failureOf(page('{"feed":"cursor","next":null,"isSnapshot":true}'))).toMatchObject({
      code: 'cursor-expired',
    });
  });

  test('is no snapshot when rows slipped while it was read, where that can be seen', async () => {
    const lists: RestListOptions[] = [
      { path: '/rows?offset={offset}&limit={limit}' },
      { path: '/rows?page={page}&limit={limit}', total: 'X-Total-Count' },
    ];
    for (const list of lists) {
      const server = filled();
      const { page } = reader(server, list);
      const first = await page(null);
      server.remove('a');
      expect(await failureOf(page(first.cursor))).toMatchObject({
        code: 'bad-response',
        message: expect.stringContaining('changed'),
      });
    }
  });

  test('after the last id nothing slips', async () => {
    const server = filled();
    const { page, pages } = reader(server, { path: '/rows?after={after}&limit={limit}' });
    const first = await page(null);
    server.remove('a');
    server.write('aa', 'new');
    expect(idsOf(await pages(first.cursor))).toEqual(['cd', 'e']);
  });

  test('that a backend gives from its beginning again and again comes to an end', async () => {
    const { page } = reader(filled('ab'), { path: '/rows?p={page}' });
    const first = await page(null);
    expect(await failureOf(page(first.cursor))).toMatchObject({ code: 'bad-response' });
  });

  test('of a backend that gives fewer rows than asked for is whole when it tells their number', async () => {
    const list = { path: '/rows?page={page}&limit={limit}', total: 'X-Total-Count', maxLimit: 100 };
    expect(idsOf(await reader(filled('abcde', 2), list).pages(null))).toEqual(['ab', 'cd', 'e']);
  });
});

describe('S40 a list by time of change', () => {
  test('is a snapshot first, then what changed since, the newest rows once more', async () => {
    const server = filled();
    const { pages } = reader(server, { path: byTime, feed: 'updated-at', overlapMs: 1 });
    const all = await pages(null);
    expect(all.every(({ snapshot }) => snapshot === true)).toBe(true);
    expect(new Set(idsOf(all).join(''))).toEqual(new Set('abcde'));
    server.write('b', 'changed', 100);
    server.write('f', 'new', 100);
    const since = await pages(all.at(-1)!.cursor);
    expect(idsOf(since).join('').replaceAll(/[de]/g, '')).toMatch(/^b+f+$/);
    expect(since.some(({ snapshot }) => snapshot)).toBe(false);
    expect(since.at(-1)?.changes.at(-1)).toMatchObject({ id: 'f', record: { entity: { text: 'new' }, version: 7 } });
  });

  test('goes on by page number where more rows than a page holds share one time', async () => {
    const server = createListServer();
    for (const id of 'abcdefg') server.write(id, id, 0);
    const { pages } = reader(server, { path: byTime, feed: 'updated-at' });
    expect(new Set(idsOf(await pages(null)).join(''))).toEqual(new Set('abcdefg'));
  });

  test('goes on after the last id where the backend can', async () => {
    const server = createListServer();
    for (const id of 'abcdefg') server.write(id, id, id > 'e' ? 5 : 0);
    const path = '/rows?sort=time&since={since}&after={after}&limit={limit}';
    expect(idsOf(await reader(server, { path, feed: 'updated-at' }).pages(null))).toEqual(['ab', 'cd', 'ef', 'g']);
  });

  test('without either says what it lacks', async () => {
    const server = createListServer();
    for (const id of 'abc') server.write(id, id, 0);
    const { pages } = reader(server, { path: '/rows?sort=time&since={since}&limit={limit}', feed: 'updated-at' });
    expect(await failureOf(pages(null))).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('{page}'),
    });
  });

  test('that is not sorted, or has rows without a time, is a bad response', async () => {
    const unsorted = { path: '/rows?since={since}&page={page}', feed: 'updated-at', maxLimit: 100 } as const;
    const server = filled('ba');
    expect(await failureOf(reader(server, unsorted).pages(null))).toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('sorted'),
    });
    const timeless = reader(filled(), { path: byTime, feed: 'updated-at' }, { updatedAt: '/elsewhere' });
    expect(await failureOf(timeless.pages(null))).toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('rows/a'),
    });
  });

  test('sees deletions when everything is read anew after a time', async () => {
    const server = filled();
    const clock = { now: () => server.nowMs, setTimeout: () => 0, clearTimeout: () => undefined };
    const { page, pages } = reader(server, { path: byTime, feed: 'updated-at', snapshotEveryMs: 60_000 }, { clock });
    const { cursor } = (await pages(null)).at(-1)!;
    server.remove('c');
    server.write('a', 'soon', 30_000);
    expect(await page(cursor)).toMatchObject({ changes: [{ id: 'b' }, { id: 'd' }] });
    server.write('b', 'later', 30_000);
    expect(await failureOf(page(cursor))).toMatchObject({ code: 'cursor-expired' });
    expect(new Set(idsOf(await pages(null)).join(''))).toEqual(new Set('abde'));
  });
});

describe("S40 the backend's own feed", () => {
  const answering = (answers: Readonly<Record<string, Response | object>>) => {
    const asked: string[] = [];
    const fetch = async (url: string): Promise<Response> => {
      const path = url.replace('https://api.example.com', '');
      asked.push(path);
      const found = answers[path];
      if (found instanceof Response) return found.clone();
      return new Response(JSON.stringify(found ?? {}), {
        status: found ? 200 : 404,
        headers: { 'Content-Type': 'application/json' },
      });
    };
    return { fetch, asked };
  };
  const list = {
    path: '/changes?since={cursor}&limit={limit}',
    feed: 'cursor',
    rows: '/results',
    next: '/last',
    more: '/more',
    entity: '/doc',
    id: '/key',
    deleted: '/gone',
    version: '/v',
  } as const;
  const doc = (id: string) => ({ key: id, v: 3, doc: { id, text: id, rev: 3 } });

  test('is read on with what it tells, deletions included', async () => {
    const server = answering({
      '/changes?limit=2': { results: [doc('a'), doc('b')], last: 'x y', more: true },
      '/changes?since=x%20y&limit=2': { results: [doc('c')], last: 7, more: false },
      '/changes?since=7&limit=2': { results: [{ key: 'b', v: 4, gone: true }], last: 8, more: false },
    });
    const { pages } = reader(server, list);
    const first = await pages(null);
    expect(first.map(({ snapshot, hasMore }) => [snapshot, hasMore])).toEqual([
      [true, true],
      [true, false],
    ]);
    expect(await pages(first.at(-1)!.cursor)).toEqual([
      {
        changes: [{ collection: 'rows', id: 'b', record: { entity: null, deleted: true, version: 4 } }],
        cursor: expect.any(String),
        hasMore: false,
      },
    ]);
  });

  test('S38 without `more` goes on to its end, however few rows the backend puts into a page', async () => {
    const { more: _, ...untold } = { ...list, path: '/changes?since={cursor}', maxLimit: 100 };
    const server = answering({
      '/changes': { results: [doc('a'), doc('b')], last: 2 },
      '/changes?since=2': { results: [doc('c')], last: 3 },
      '/changes?since=3': { results: [], last: 4 },
      '/changes?since=4': { results: [{ key: 'b', v: 4, gone: true }], last: 4 },
    });
    const { pages } = reader(server, untold);
    const first = await pages(null);
    expect(first.map(({ changes, snapshot, hasMore }) => [changes.length, snapshot, hasMore])).toEqual([
      [2, true, true],
      [1, true, true],
      [0, true, false],
    ]);
    expect(await pages(first.at(-1)!.cursor)).toMatchObject([{ changes: [{ id: 'b' }], hasMore: false }]);
  });

  test('S38 without `more` ends where the backend tells nothing to read on with', async () => {
    const { more: _, ...untold } = { ...list, path: '/changes?since={cursor}', maxLimit: 2 };
    const server = answering({
      '/changes': { results: [doc('a'), doc('b')], last: 2 },
      '/changes?since=2': { results: [doc('c'), doc('d')], last: null },
    });
    const { pages } = reader(server, untold);
    const first = await pages(null);
    expect(first.map(({ hasMore }) => hasMore)).toEqual([true, false]);
    expect(await pages(first.at(-1)!.cursor)).toMatchObject([{ changes: [{ id: 'c' }, { id: 'd' }], hasMore: false }]);
  });

  test('that no longer reaches back is expired', async () => {
    const gone = new Response('{}', { status: 410, headers: { 'Content-Type': 'application/json' } });
    const { page } = reader(answering({ '/changes?since=7&limit=2': gone }), list);
    expect(await failureOf(page('{"feed":"cursor","next":{"token":"7"},"isSnapshot":false}'))).toMatchObject({
      code: 'cursor-expired',
    });
  });

  test('is followed to addresses below the base address, and nowhere else (G16)', async () => {
    const at = (next: unknown) => answering({ '/changes': { results: [doc('a')], last: next, more: true } });
    const follow = { ...list, path: '/changes' } as const;
    for (const next of [
      'https://evil.example/changes',
      'http://api.example.com/changes',
      'https://api.example.com.evil/x',
      'https://api.example.com@evil/x',
    ]) {
      expect(await failureOf(reader(at(next), follow).page(null))).toMatchObject({ code: 'bad-response' });
    }
    const server = answering({
      '/changes': { results: [doc('a')], last: 'https://api.example.com/changes?from=2', more: true },
      '/changes?from=2': { results: [], last: 'https://api.example.com/changes?from=3', more: false },
    });
    await reader(server, follow).pages(null);
    expect(server.asked).toEqual(['/changes', '/changes?from=2']);
    expect(await failureOf(reader(at({}), follow).page(null))).toMatchObject({ code: 'bad-response' });
    expect(await failureOf(reader(at('token'), follow).pages(null))).toMatchObject({ code: 'misconfigured' });
  });
});

test('S12 a row without a version is known by its content, or asked for by itself', async () => {
  const server = filled('ab');
  const tagged = {
    fetch: async (url: string) => {
      const response = await server.fetch(url);
      const headers = new Headers(response.headers);
      const text = await response.text();
      if (!url.endsWith('/rows')) headers.set('ETag', `"${text.length}"`);
      return new Response(text, { status: response.status, headers });
    },
  };
  const { client, page } = reader(tagged, { path: '/rows' }, { version: 'etag' });
  const something = { entity: null, deleted: false };
  const records = async () => (await page(null)).changes.map(({ record }) => record);
  expect(await records()).toEqual([something, something]);
  const a = await client.get('rows', 'a', context);
  expect(await records()).toEqual([a, something]);
  server.write('a', 'changed');
  expect(await records()).toEqual([something, something]);
});

test('G10 a row that was written while the list was read is asked for by itself', async () => {
  const server = filled('abc');
  let finishList = (): void => undefined;
  let finishWrite = (): void => undefined;
  const slow = {
    fetch: async (url: string): Promise<Response> => {
      const response = await server.fetch(url);
      if (url.endsWith('/rows'))
        await new Promise<void>((resolve) => {
          finishList = resolve;
        });
      if (url.endsWith('/c'))
        await new Promise<void>((resolve) => {
          finishWrite = resolve;
        });
      return response;
    },
  };
  const { client, page } = reader(slow, { path: '/rows' }, { version: 'none' });
  const entity = (id: string) => ({ id, updatedAt: '2026-01-01T00:00:00.000Z' });
  const change = (id: string) => ({ patch: [], entity: entity(id), baseVersion: null });
  const before = client.update('rows', 'c', change('c'), context);
  await Promise.resolve();
  const listed = page(null);
  await client.update('rows', 'b', change('b'), context);
  finishWrite();
  await before;
  finishList();
  const { changes } = await listed;
  expect(changes.map(({ id, record }) => [id, record.entity === null])).toEqual([
    ['a', false],
    ['b', true],
    ['c', true],
  ]);
  const again = page(null);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  finishList();
  expect((await again).changes.every(({ record }) => record.entity !== null)).toBe(true);
});
