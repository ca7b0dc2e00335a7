import { describe, expect, test } from 'vitest';
import { startTestServer } from './support/test-server.ts';

const now = '2026-01-01T00:00:00.000Z';
const problem = (code: string) => `urn:syncline:problem:${code}`;
const create = (key: string, entityId: string, fields: object = {}) => ({
  idempotencyKey: key,
  type: 'create',
  collection: 'notes',
  entityId,
  entity: { id: entityId, ...fields },
  baseVersion: null,
});
const update = (key: string, entityId: string, baseVersion: unknown, value: unknown = 1) => ({
  idempotencyKey: key,
  type: 'update',
  collection: 'notes',
  entityId,
  patch: [{ op: 'add', path: '/n', value }],
  baseVersion,
});
const remove = (key: string, entityId: string, baseVersion: unknown) => ({
  idempotencyKey: key,
  type: 'delete',
  collection: 'notes',
  entityId,
  baseVersion,
});
const outcomes = (results: readonly { idempotencyKey: string; status: number }[]) =>
  results.map(({ idempotencyKey, status }) => `${idempotencyKey} ${status}`);

test('each request has its answer, with record and ETag', async () => {
  const { api } = await startTestServer();
  const answer = await api.batch([create('k1', 'a'), update('k2', 'a', 1, 7), remove('k3', 'a', 2)]);
  expect(answer.status).toBe(200);
  const record = (version: number, entity: object | null) => ({
    entity: entity === null ? null : { id: 'a', ...entity, updatedAt: now, version },
    version,
    deleted: entity === null,
    updatedAt: now,
  });
  expect(answer.body).toEqual({
    results: [
      { idempotencyKey: 'k1', status: 201, etag: '"1"', record: record(1, {}) },
      { idempotencyKey: 'k2', status: 200, etag: '"2"', record: record(2, { n: 7 }) },
      { idempotencyKey: 'k3', status: 204, etag: '"3"', record: record(3, null) },
    ],
  });
});

test('G8 the first failure of an entity stops that entity, the others go on', async () => {
  const { api } = await startTestServer();
  await api.batch([create('s1', 'a'), create('s2', 'b')]);
  const { body } = await api.batch([
    update('k1', 'a', 1),
    update('k2', 'b', 9),
    update('k3', 'a', 2),
    update('k4', 'b', 1),
    create('k5', 'c'),
  ]);
  expect(outcomes(body.results)).toEqual(['k1 200', 'k2 412', 'k3 200', 'k4 424', 'k5 201']);
  expect(body.results[1].problem).toMatchObject({ type: problem('precondition-failed'), current: { version: 1 } });
  expect(body.results[3].problem).toMatchObject({ type: problem('not-attempted'), retryable: true });
  expect((await api.get('/v1/notes/b')).body.version).toBe(1);
});

test('the changes of a batch stand in the feed in the order of its requests', async () => {
  const { api } = await startTestServer();
  await api.batch([create('k1', 'b'), create('k2', 'a'), update('k3', 'b', 1), create('k4', 'c')]);
  const { body } = await api.get('/v1/changes?since=life-1.0');
  expect(body.changes.map((change: { idempotencyKey: string }) => change.idempotencyKey)).toEqual([
    'k1',
    'k2',
    'k3',
    'k4',
  ]);
});

test('a batch sent again is answered again, request by request', async () => {
  const { api } = await startTestServer();
  const first = await api.batch([create('k1', 'a'), update('k2', 'a', 1)]);
  const { body } = await api.batch([create('k1', 'a'), update('k2', 'a', 1), update('k3', 'a', 2)]);
  expect(body.results.slice(0, 2)).toEqual(first.body.results.map((result: object) => ({ ...result, replayed: true })));
  expect(outcomes(body.results)).toEqual(['k1 201', 'k2 200', 'k3 200']);
});

test('the same key twice in one batch is worked on once', async () => {
  const { api } = await startTestServer();
  const { body } = await api.batch([create('k1', 'a'), create('k1', 'a')]);
  expect(outcomes(body.results)).toEqual(['k1 201', 'k1 409']);
});

describe('a request that cannot be read fails alone', () => {
  const rows: readonly (readonly [string, object, number, string])[] = [
    ['no collection', { ...create('k', 'a'), collection: undefined }, 400, 'invalid-collection'],
    ['a wrong collection', { ...create('k', 'a'), collection: 'a/b' }, 400, 'invalid-collection'],
    ['a wrong id', create('k', '..'), 400, 'invalid-id'],
    ['a long id', create('k', 'x'.repeat(257)), 400, 'invalid-id'],
    ['an ill-formed id', create('k', '\ud800'), 400, 'invalid-id'],
    ['no type', { ...create('k', 'a'), type: 'upsert' }, 400, 'malformed-request'],
    ['no entity', { ...create('k', 'a'), entity: null }, 400, 'malformed-request'],
    ['no patch', { ...update('k', 'a', 1), patch: undefined }, 400, 'malformed-request'],
    ['another id inside', { ...create('k', 'a'), entity: { id: 'b' } }, 422, 'invalid-entity'],
    ['no id inside', { ...create('k', 'a'), entity: {} }, 422, 'invalid-entity'],
    ['a wrong time', { ...create('k', 'a'), updatedAt: 'now' }, 400, 'malformed-request'],
    ['an update without base', update('k', 's', null), 428, 'precondition-required'],
    ['a delete without base', remove('k', 's', undefined), 428, 'precondition-required'],
    ['a foreign base', update('k', 's', 'abc'), 412, 'precondition-failed'],
    ['a base in another notation', update('k', 's', '1e0'), 412, 'precondition-failed'],
    ['a base that is no text and no number', update('k', 's', true), 400, 'malformed-request'],
    ['a list of bases', update('k', 's', [1]), 400, 'malformed-request'],
  ];
  test.each(rows)('%s', async (_, request, status, code) => {
    const { api } = await startTestServer();
    await api.batch([create('s', 's')]);
    const { body } = await api.batch([request, create('k2', 'z')]);
    expect(outcomes(body.results)).toEqual([`k ${status}`, 'k2 201']);
    expect(body.results[0].problem.type).toBe(problem(code));
  });
});

test('a base version may come as text', async () => {
  const { api } = await startTestServer();
  const { body } = await api.batch([create('k1', 'a'), update('k2', 'a', '1')]);
  expect(outcomes(body.results)).toEqual(['k1 201', 'k2 200']);
});

test('S18 each request claims its own time', async () => {
  const { api } = await startTestServer();
  const stamp = '2025-06-01T00:00:00.0000001Z';
  const { body } = await api.batch([{ ...create('k1', 'a'), updatedAt: stamp }, create('k2', 'b')]);
  expect(body.results.map((result: { record: { updatedAt: string } }) => result.record.updatedAt)).toEqual([
    stamp,
    now,
  ]);
});

test.each([
  ['no JSON', '{', 400],
  ['no object', '[]', 400],
  ['no list', '{"requests":{}}', 400],
  ['a list of other things', '{"requests":[1]}', 400],
  ['a request without key', '{"requests":[{"type":"create"}]}', 400],
  ['a request with a key that is no text', '{"requests":[{"idempotencyKey":{}}]}', 400],
  [
    'too many requests',
    JSON.stringify({ requests: Array.from({ length: 101 }, (_, n) => create(`k${n}`, `e${n}`)) }),
    413,
  ],
  ['no request', '{"requests":[]}', 200],
])('a batch of %s answers as a whole', async (_, body, status) => {
  const { api } = await startTestServer();
  expect((await api.send('POST', '/v1/batch', { body })).status).toBe(status);
});

test('a batch needs a client but no key of its own', async () => {
  const { api } = await startTestServer();
  expect((await api.batch([create('k1', 'a')], { headers: { 'sync-client': '' } })).status).toBe(400);
  expect((await api.batch([create('k1', 'a')], { headers: { 'idempotency-key': '' } })).status).toBe(200);
});
