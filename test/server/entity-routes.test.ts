import { expect, test } from 'vitest';
import { readWireRecord } from '../../src/adapters/protocol/wire-record.ts';
import { startTestServer } from './support/test-server.ts';

const now = '2026-01-01T00:00:00.000Z';
const problem = (code: string) => `urn:syncline:problem:${code}`;

test('a create answers 201 with the record and its ETag', async () => {
  const { api } = await startTestServer();
  const answer = await api.create('/v1/notes/a', { id: 'a', text: 'one' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('etag')).toBe('"1"');
  expect(answer.body).toEqual({
    entity: { id: 'a', text: 'one', updatedAt: now, version: 1 },
    version: 1,
    deleted: false,
    updatedAt: now,
  });
});

test('an entity lives: created, read, replaced, patched, merged, deleted, created again', async () => {
  const { api } = await startTestServer();
  const path = '/v1/notes/a';
  const mergePatch = {
    headers: { 'if-match': '"3"', 'content-type': 'application/merge-patch+json' },
    body: { n: null },
  };
  const steps = [
    await api.get(path),
    await api.create(path, { text: 'one' }),
    await api.get(path),
    await api.replace(path, 1, { id: 'a', text: 'two' }),
    await api.patch(path, 2, [{ op: 'add', path: '/n', value: 1 }]),
    await api.send('PATCH', path, mergePatch),
    await api.remove(path, 4),
    await api.get(path),
    await api.create(path, { text: 'three' }),
    await api.get(path),
  ];
  expect(steps.map(({ status, headers, body }) => [status, headers.get('etag'), body?.entity ?? null])).toEqual([
    [404, null, null],
    [201, '"1"', { id: 'a', text: 'one', updatedAt: now, version: 1 }],
    [200, '"1"', { id: 'a', text: 'one', updatedAt: now, version: 1 }],
    [200, '"2"', { id: 'a', text: 'two', updatedAt: now, version: 2 }],
    [200, '"3"', { id: 'a', text: 'two', n: 1, updatedAt: now, version: 3 }],
    [200, '"4"', { id: 'a', text: 'two', updatedAt: now, version: 4 }],
    [204, '"5"', null],
    [410, '"5"', null],
    [201, '"6"', { id: 'a', text: 'three', updatedAt: now, version: 6 }],
    [200, '"6"', { id: 'a', text: 'three', updatedAt: now, version: 6 }],
  ]);
});

test('a deleted entity answers 410 with its tombstone', async () => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', {});
  await api.remove('/v1/notes/a', 1);
  expect((await api.get('/v1/notes/a')).body).toMatchObject({
    type: problem('deleted'),
    current: { entity: null, version: 2, deleted: true, updatedAt: now },
  });
});

test.each([
  ['"1"', 304],
  ['W/"1"', 304],
  ['"7", "1"', 304],
  ['*', 304],
  ['"2"', 200],
  ['"x"', 200],
])('a read with If-None-Match: %s answers %i', async (header, status) => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', {});
  const answer = await api.get('/v1/notes/a', { headers: { 'if-none-match': header } });
  expect([answer.status, answer.headers.get('etag'), answer.headers.get('cache-control')]).toEqual([
    status,
    '"1"',
    'private, no-cache',
  ]);
});

test.each([
  ['"1"', 200],
  ['"7", "1"', 200],
  ['*', 200],
  ['W/"1"', 412],
  ['"01"', 412],
  ['"abc"', 412],
  ['1', 400],
  ['"1', 400],
  ['', 428],
])('a replacement with If-Match: %s answers %i', async (header, status) => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', {});
  const answer = await api.send('PUT', '/v1/notes/a', { headers: { 'if-match': header }, body: {} });
  expect(answer.status).toBe(status);
});

test('a write on another version answers 412 with the current record', async () => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', { text: 'one' });
  const answer = await api.replace('/v1/notes/a', 9, { text: 'two' });
  expect(answer.status).toBe(412);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toEqual({
    type: problem('precondition-failed'),
    title: 'The stored entity has another version.',
    status: 412,
    retryable: false,
    current: {
      entity: { id: 'a', text: 'one', updatedAt: now, version: 1 },
      version: 1,
      deleted: false,
      updatedAt: now,
    },
  });
});

test('S17 a write over a tombstone answers 412 with it, a delete 410', async () => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', {});
  await api.remove('/v1/notes/a', 1);
  const current = { entity: null, version: 2, deleted: true, updatedAt: now };
  expect(await api.replace('/v1/notes/a', 1, {})).toMatchObject({ status: 412, body: { current } });
  expect(await api.remove('/v1/notes/a', 1)).toMatchObject({ status: 410, body: { current } });
});

test.each([
  ['PUT', 'text/plain'],
  ['PUT', 'application/merge-patch+json'],
  ['PATCH', 'application/json'],
  ['PATCH', ''],
])('%s with content type "%s" answers 415 and says what would do', async (method, contentType) => {
  const { api } = await startTestServer();
  const answer = await api.send(method, '/v1/notes/a', { headers: { 'content-type': contentType }, body: '{}' });
  expect([answer.status, answer.headers.get('accept-patch')]).toEqual([
    415,
    'application/json-patch+json, application/merge-patch+json',
  ]);
});

test('a patch that does not apply answers 409, one that is none 422, and neither changes anything', async () => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', { text: 'one' });
  const failing = [
    { op: 'replace', path: '/text', value: 'two' },
    { op: 'test', path: '/text', value: 'one' },
  ];
  expect((await api.patch('/v1/notes/a', 1, failing)).body).toMatchObject({
    type: problem('patch-failed'),
    status: 409,
  });
  expect((await api.patch('/v1/notes/a', 1, [{ op: 'grow' }])).body).toMatchObject({ status: 422 });
  expect((await api.patch('/v1/notes/a', 1, {})).body).toMatchObject({ status: 422 });
  expect((await api.get('/v1/notes/a')).body).toMatchObject({ version: 1, entity: { text: 'one' } });
});

test('the metadata that a client sends is not stored', async () => {
  const { api } = await startTestServer();
  const sent = { id: 'a', text: 'one', updatedAt: '2001-01-01T00:00:00Z', version: 77 };
  const { body } = await api.create('/v1/notes/a', sent);
  expect(body.entity).toEqual({ id: 'a', text: 'one', updatedAt: now, version: 1 });
});

test('S18 the claimed time of change is stored, if it is not in the future', async () => {
  const { api } = await startTestServer();
  const claim = (stamp: string) => ({ headers: { 'sync-updated-at': stamp } });
  const past = await api.create('/v1/notes/a', {}, claim('2025-12-31T23:00:00.0000003Z'));
  const future = await api.create('/v1/notes/b', {}, claim('2099-01-01T00:00:00.000Z'));
  const nonsense = await api.create('/v1/notes/c', {}, claim('yesterday'));
  expect([past.body.updatedAt, future.body.updatedAt, nonsense.status]).toEqual([
    '2025-12-31T23:00:00.0000003Z',
    now,
    400,
  ]);
});

test.each([
  ['2025-11-22', '2025-11-22T00:00:00.0000000Z'],
  ['2025-11-22 10:00', '2025-11-22T10:00:00.0000000Z'],
  ['2025-11-22t10:00:00z', '2025-11-22T10:00:00.0000000Z'],
  ['2025-11-22T10:00:00,5', '2025-11-22T10:00:00.5000000Z'],
  ['2025-11-22T10:00:00.1230042+02', '2025-11-22T08:00:00.1230042Z'],
  ['2025-11-22T10:00:00-0330', '2025-11-22T13:30:00.0000000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.0000000Z'],
])('S18 a time claimed as %s is stored in the form that every client reads', async (claimed, kept) => {
  const { api } = await startTestServer();
  const { body } = await api.create('/v1/notes/a', {}, { headers: { 'sync-updated-at': claimed } });
  expect(readWireRecord(body, 'a')).toEqual({
    entity: { id: 'a', version: 1, updatedAt: kept },
    version: 1,
    deleted: false,
    updatedAt: kept,
  });
});

test('S18 a time before the year 0 is none', async () => {
  const { api } = await startTestServer();
  const answer = await api.create('/v1/notes/a', {}, { headers: { 'sync-updated-at': '0000-01-01T00:00:00+14:00' } });
  expect(answer.status).toBe(400);
});

test.each([
  ['/v1/notes', 404],
  ['/v1/notes/', 404],
  ['/v1/notes/a/b', 404],
  ['/v2/notes/a', 404],
  ['/', 404],
  ['/v1/no%20tes/a', 400],
  [`/v1/${'n'.repeat(65)}/a`, 400],
  [`/v1/notes/${'%C3%A9'.repeat(128)}`, 404],
  [`/v1/notes/${'%C3%A9'.repeat(129)}`, 400],
  ['/v1/notes/%E0%A4%A', 400],
  ['/v1/notes/%FF', 400],
  ['/v1/notes/%ED%A0%80', 400],
])('S42 GET %s answers %i', async (path, status) => {
  const { api } = await startTestServer();
  expect((await api.get(path)).status).toBe(status);
});

test.each([
  '__proto__',
  'constructor',
  'toString',
  '🙂',
  'a/b',
  '../x',
  '%2F',
  'a b',
  'a\u0000b',
  '?x=1',
  '#',
  '"',
  "'",
])('S42 the id %j is plain data', async (id) => {
  const { api } = await startTestServer({ database: ':memory:' });
  const path = `/v1/notes/${encodeURIComponent(id)}`;
  const created = await api.create(path, { id, text: 'one' });
  expect([created.status, created.body.entity.id]).toEqual([201, id]);
  expect((await api.get(path)).body.entity).toMatchObject({ id, text: 'one' });
  const { body } = await api.get('/v1/changes');
  expect(body.changes.map((change: { id: string }) => change.id)).toEqual([id]);
});

test.each([
  ['', 400],
  ['{"id":"b"}', 422],
  ['{"id":7}', 422],
  ['[]', 422],
  ['null', 422],
  ['"text"', 422],
  ['{"a":', 400],
  ['{"a":NaN}', 400],
])('a body %j answers %i', async (body, status) => {
  const { api } = await startTestServer();
  expect((await api.create('/v1/notes/a', body)).status).toBe(status);
});

test('a body that is not UTF-8 answers 400', async () => {
  const { server } = await startTestServer();
  const answer = await server.fetch(
    new Request('http://sync.test/v1/notes/a', {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        'if-none-match': '*',
        'idempotency-key': 'k',
        'sync-client': 'c',
      },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    }),
  );
  expect(answer.status).toBe(400);
});

test('other methods answer 405 with those that are allowed', async () => {
  const { api } = await startTestServer();
  const allowed = async (method: string, path: string) => {
    const { status, headers } = await api.send(method, path);
    return [status, headers.get('allow')];
  };
  expect(await allowed('POST', '/v1/notes/a')).toEqual([405, 'GET, HEAD, PUT, PATCH, DELETE']);
  expect(await allowed('PUT', '/v1/batch')).toEqual([405, 'POST']);
  expect(await allowed('DELETE', '/v1/changes')).toEqual([405, 'GET, HEAD']);
  expect(await allowed('POST', '/v1/health')).toEqual([405, 'GET, HEAD']);
});

test('HEAD answers as GET without a body', async () => {
  const { api } = await startTestServer();
  await api.create('/v1/notes/a', {});
  expect(await api.send('HEAD', '/v1/notes/a')).toMatchObject({ status: 200, body: null });
});

test('every answer names protocol, epoch and time, and is not cached', async () => {
  const { api } = await startTestServer();
  for (const path of ['/v1/health', '/v1/notes/none', '/v1/changes', '/nowhere']) {
    const { headers } = await api.get(path);
    const named = ['sync-protocol', 'sync-epoch', 'date', 'cache-control'].map((name) => headers.get(name));
    expect(named).toEqual(['1', 'life-1', 'Thu, 01 Jan 2026 00:00:00 GMT', 'no-store']);
  }
});

test('health echoes the nonce and needs no token', async () => {
  const { api } = await startTestServer({ authenticate: () => null });
  const answer = await api.get('/v1/health?nonce=abc%20%F0%9F%99%82');
  expect([answer.status, answer.body]).toEqual([200, { nonce: 'abc 🙂', epoch: 'life-1', protocol: 'sync.v1' }]);
  expect((await api.get('/v1/health')).body.nonce).toBe('');
});
