import { afterAll, beforeEach, expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { startHostileHttpServer } from '../support/hostile-http-server.ts';
import { createRequestContext } from '../support/request-context.ts';
import { canary } from '../support/token-search.ts';

const server = await startHostileHttpServer();
const client = createHttpApiClient({ url: `${server.url}/base/`, token: () => canary });
afterAll(() => server.close());

const stamp = '2026-01-01T00:00:00.0000001Z';
const entity = { id: 'a/b', title: 'x', updatedAt: stamp };
const record = { entity: { ...entity, version: 3 }, version: 3, deleted: false, updatedAt: stamp };
const ours = { 'Sync-Protocol': '1', 'Content-Type': 'application/json' };
const context = createRequestContext({ epoch: 'e1' });

beforeEach(() => {
  server.received.length = 0;
  server.answer = () => ({ status: 200, headers: ours, body: JSON.stringify(record) });
});

/** The one request that arrived, without what `fetch` itself adds. */
function sent(): object {
  expect(server.received).toHaveLength(1);
  const { method, url, headers, body } = server.received[0]!;
  const own = ['authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key'];
  const told = Object.entries(headers).filter(([name]) => own.includes(name) || name.startsWith('sync-'));
  return { method, url, headers: Object.fromEntries(told), body: body === '' ? null : (JSON.parse(body) as unknown) };
}

const writing = {
  authorization: `Bearer ${canary}`,
  'idempotency-key': '"key-1"',
  'sync-client': 'client-1',
  'sync-epoch': 'e1',
};

test('S42 a read asks for the encoded place', async () => {
  expect(await client.get('notes', 'a/b', context)).toEqual(record);
  expect(sent()).toEqual({
    method: 'GET',
    url: '/base/v1/notes/a%2Fb',
    headers: { authorization: `Bearer ${canary}` },
    body: null,
  });
});

test('S8 a create puts the entity where there is none, with its stamp', async () => {
  expect(await client.create('notes', entity, context)).toEqual(record);
  const headers = { ...writing, 'content-type': 'application/json', 'if-none-match': '*', 'sync-updated-at': stamp };
  expect(sent()).toEqual({ method: 'PUT', url: '/base/v1/notes/a%2Fb', headers, body: entity });
});

test('S8 an update patches the version it was built on, with the stamp beside the patch', async () => {
  const patch = [{ op: 'replace', path: '/title', value: 'x' }] as const;
  expect(await client.update('notes', 'a/b', { patch, entity, baseVersion: 2 }, context)).toEqual(record);
  const headers = {
    ...writing,
    'content-type': 'application/json-patch+json',
    'if-match': '"2"',
    'sync-updated-at': stamp,
  };
  expect(sent()).toEqual({ method: 'PATCH', url: '/base/v1/notes/a%2Fb', headers, body: patch });
});

test('a delete names the version it was built on, and learns the version of the tombstone', async () => {
  server.answer = () => ({ status: 204, headers: { 'Sync-Protocol': '1', ETag: 'W/"4"' } });
  expect(await client.delete('notes', 'a/b', { baseVersion: 3 }, context)).toEqual({
    entity: null,
    version: 4,
    deleted: true,
  });
  expect(sent()).toEqual({
    method: 'DELETE',
    url: '/base/v1/notes/a%2Fb',
    headers: { ...writing, 'if-match': '"3"' },
    body: null,
  });
});

test('S18 the time of a deletion travels when it is known', async () => {
  server.answer = () => ({ status: 204, headers: { 'Sync-Protocol': '1' } });
  await client.delete('notes', '1', { baseVersion: 3 }, { ...context, updatedAt: stamp });
  expect(server.received[0]?.headers).toMatchObject({ 'sync-updated-at': stamp });
});

test('a delete is acknowledged by the sign of the backend alone', async () => {
  server.answer = () => ({ status: 204, headers: { 'Sync-Protocol': '1' } });
  expect(await client.delete('notes', 'a/b', { baseVersion: 3 }, context)).toBeUndefined();
  server.answer = () => ({ status: 204 });
  await expect(client.delete('notes', 'a/b', { baseVersion: 3 }, context)).rejects.toMatchObject({
    code: 'bad-response',
  });
});

test('a read of a deleted entity gives its tombstone', async () => {
  const current = { entity: null, version: 8, deleted: true, updatedAt: stamp };
  server.answer = () => ({
    status: 410,
    headers: { 'Sync-Protocol': '1', 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({ type: 'urn:syncline:problem:deleted', status: 410, current }),
  });
  expect(await client.get('notes', 'a/b', context)).toEqual(current);
});

test('S36 a missing time of the entity is filled', async () => {
  server.answer = () => ({
    status: 200,
    headers: ours,
    body: JSON.stringify({ entity: { id: 'a/b' }, version: 1, deleted: false, updatedAt: stamp }),
  });
  expect((await client.get('notes', 'a/b', context))?.entity).toEqual({ id: 'a/b', updatedAt: stamp, version: 1 });
});

test('G22 own keys named like prototypes stay plain data', async () => {
  const body = `{"entity":{"id":"a/b","__proto__":{"polluted":1},"updatedAt":"${stamp}"},"version":1,"deleted":false}`;
  server.answer = () => ({ status: 200, headers: ours, body });
  const read = (await client.get('notes', 'a/b', context))?.entity as object;
  expect(Object.getOwnPropertyDescriptor(read, '__proto__')?.value).toEqual({ polluted: 1 });
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test.each(['', '.', '..', 'x'.repeat(257), '\ud800'])(
  'S42 the id %j is refused before anything is sent',
  async (id) => {
    await expect(client.get('notes', id, context)).rejects.toMatchObject({ code: 'invalid-id' });
    await expect(client.get('../x', 'a', context)).rejects.toMatchObject({ code: 'invalid-collection' });
    expect(server.received).toEqual([]);
  },
);

test('a version that is no entity tag is refused before anything is sent', async () => {
  for (const baseVersion of ['a", "b', 'é', '\r\nX: y']) {
    await expect(client.delete('notes', 'a', { baseVersion }, context)).rejects.toMatchObject({
      code: 'misconfigured',
    });
  }
  expect(server.received).toEqual([]);
});

test('S41 changes are asked for by collection, place and number', async () => {
  const page = { epoch: 'e1', changes: [], cursor: 'e1.9', hasMore: false };
  server.answer = () => ({ status: 200, headers: ours, body: JSON.stringify(page) });
  expect(await client.changes('notes', { cursor: 'a b&c', limit: 50 }, context)).toEqual(page);
  expect(await client.changes('notes', { cursor: null, limit: 50 }, context)).toEqual(page);
  expect(server.received.map(({ url }) => url)).toEqual([
    '/base/v1/changes?collections=notes&limit=50&since=a+b%26c',
    '/base/v1/changes?collections=notes&limit=50',
  ]);
});

test('S38 a page that is none is a bad response', async () => {
  const page = { epoch: 'e1', changes: [] as unknown[], cursor: 'e1.9', hasMore: false };
  const foreign = { collection: 'tasks', id: '1', version: 1, deleted: true };
  const bad = [
    { ...page, cursor: 9 },
    { ...page, hasMore: undefined },
    { ...page, changes: {} },
    { ...page, changes: [foreign] },
    { ...page, changes: [{ ...foreign, collection: 'notes', version: null }] },
    { ...page, changes: [{ ...foreign, collection: 'notes', deleted: false }] },
    { ...page, changes: [{ ...foreign, collection: 'notes', deleted: false, entity: { id: '2' } }] },
    {
      ...page,
      changes: [{ ...foreign, collection: 'notes', deleted: false, patch: [{ op: 'x', path: '' }], baseVersion: 1 }],
    },
    { ...page, changes: [{ ...foreign, collection: 'notes', deleted: false, patch: [] }] },
  ];
  for (const body of bad) {
    server.answer = () => ({ status: 200, headers: ours, body: JSON.stringify(body) });
    const call = client.changes('notes', { cursor: null, limit: 1 }, context);
    await expect(call).rejects.toMatchObject({ code: 'bad-response' });
  }
});

test('S38 an expired cursor', async () => {
  server.answer = () => ({
    status: 410,
    headers: { 'Sync-Protocol': '1', 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({ type: 'urn:syncline:problem:cursor-expired' }),
  });
  const call = client.changes('notes', { cursor: 'old', limit: 1 }, context);
  await expect(call).rejects.toMatchObject({ code: 'cursor-expired', retryable: true });
});
