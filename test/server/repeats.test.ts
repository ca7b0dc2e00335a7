import { describe, expect, test } from 'vitest';
import { createSignal } from './support/signal.ts';
import { startTestServer } from './support/test-server.ts';

const problem = (code: string) => `urn:syncline:problem:${code}`;
const key = (value: string) => ({ headers: { 'idempotency-key': value } });

describe('S4 a key is bound to an applied outcome', () => {
  test('a repeat gets the stored answer, marked, and changes nothing', async () => {
    const { api, clock } = await startTestServer();
    const first = await api.create('/v1/notes/a', { text: 'one' }, key('"k1"'));
    await clock.advance(5000);
    await api.replace('/v1/notes/a', 1, { text: 'two' });
    const repeated = await api.create('/v1/notes/a', { text: 'one' }, key('"k1"'));
    expect([repeated.status, repeated.body]).toEqual([first.status, first.body]);
    expect([first, repeated].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect((await api.get('/v1/notes/a')).body).toMatchObject({ version: 2, entity: { text: 'two' } });
  });

  test('a repeated delete gets its 204 again, after the entity was created anew', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', {});
    const first = await api.remove('/v1/notes/a', 1, key('k1'));
    await api.create('/v1/notes/a', {});
    const repeated = await api.remove('/v1/notes/a', 1, key('k1'));
    expect([first, repeated].map(({ status, headers }) => [status, headers.get('etag')])).toEqual([
      [204, '"2"'],
      [204, '"2"'],
    ]);
    expect((await api.get('/v1/notes/a')).status).toBe(200);
  });

  test('equal content is told by value, not by text', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', '{"a":1,"b":{"c":[1],"d":null}}', key('k1'));
    const repeated = await api.create(
      '/v1/notes/a',
      '{ "b": {"d":null,"c":[1.0]}, "a": 1e0, "version": 4 }',
      key('"k1"'),
    );
    expect([repeated.status, repeated.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  });

  test('a request that was sent alone is known in a batch, and the reverse', async () => {
    const { api } = await startTestServer();
    const create = {
      idempotencyKey: 'k1',
      type: 'create',
      collection: 'notes',
      entityId: 'a',
      entity: { id: 'a' },
      baseVersion: null,
    };
    const patch = [{ op: 'add', path: '/n', value: 1 }];
    const update = { idempotencyKey: 'k2', type: 'update', collection: 'notes', entityId: 'a', patch, baseVersion: 1 };
    await api.create('/v1/notes/a', { id: 'a' }, key('k1'));
    const batch = await api.batch([create, update]);
    expect(batch.body.results).toMatchObject([
      { status: 201, replayed: true },
      { status: 200, etag: '"2"' },
    ]);
    const alone = await api.patch('/v1/notes/a', 1, patch, key('k2'));
    expect([alone.status, alone.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  });

  const others: readonly (readonly [
    string,
    (api: Awaited<ReturnType<typeof startTestServer>>['api']) => Promise<unknown>,
  ])[] = [
    ['another body', (api) => api.create('/v1/notes/a', { text: 'two' }, key('k1'))],
    ['another entity', (api) => api.create('/v1/notes/b', { text: 'one' }, key('k1'))],
    ['another collection', (api) => api.create('/v1/tasks/a', { text: 'one' }, key('k1'))],
    ['another verb', (api) => api.remove('/v1/notes/a', 1, key('k1'))],
    ['another precondition', (api) => api.replace('/v1/notes/a', 1, { text: 'one' }, key('k1'))],
  ];
  test.each(others)('the same key with %s is refused with 422', async (_, send) => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', { text: 'one' }, key('k1'));
    expect(await send(api)).toMatchObject({ status: 422, body: { type: problem('key-reused') } });
  });

  test('a refusal binds nothing: the key may carry other content afterwards', async () => {
    const { api } = await startTestServer();
    expect((await api.replace('/v1/notes/a', 1, {}, key('k1'))).status).toBe(404);
    expect((await api.create('/v1/notes/a', { id: 'b' }, key('k1'))).status).toBe(422);
    expect((await api.create('/v1/notes/a', {}, key('k1'))).status).toBe(201);
  });

  test('keys are scoped by principal', async () => {
    const { api } = await startTestServer({ authenticate: (token) => (token === null ? null : { id: token }) });
    const [ada, bob] = [
      await api.create('/v1/notes/a', {}, { ...key('k1'), token: 'ada' }),
      await api.create('/v1/notes/b', {}, { ...key('k1'), token: 'bob' }),
    ];
    expect([ada.status, bob.status, bob.headers.get('idempotency-replayed')]).toEqual([201, 201, null]);
  });

  test('repeats are known for 90 days at least, and no longer than the limit', async () => {
    const { api, clock } = await startTestServer({ limits: { repeatMs: 1 } });
    const day = 24 * 60 * 60 * 1000;
    await api.create('/v1/notes/a', {}, key('k1'));
    await clock.advance(89.9 * day);
    expect((await api.create('/v1/notes/a', {}, key('k1'))).headers.get('idempotency-replayed')).toBe('true');
    await clock.advance(day);
    expect((await api.create('/v1/notes/a', {}, key('k1'))).status).toBe(412);
  });
});

test('G2 while a request is worked on, its twin is told to wait', async () => {
  const [entered, enter] = createSignal();
  const [released, release] = createSignal();
  const authorize = async (): Promise<boolean> => {
    enter();
    await released;
    return true;
  };
  const { api } = await startTestServer({ authorize });
  const first = api.create('/v1/notes/a', {}, key('k1'));
  await entered;
  const twin = await api.create('/v1/notes/a', {}, key('k1'));
  expect([twin.status, twin.body.type, twin.headers.get('retry-after')]).toEqual([409, problem('in-flight'), '1']);
  release();
  expect((await first).status).toBe(201);
  const later = await api.create('/v1/notes/a', {}, key('k1'));
  expect([later.status, later.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
});

describe('S39 epochs', () => {
  test('a write for another life of the data is refused before the look-up', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', {}, { headers: { 'idempotency-key': 'k1', 'sync-epoch': 'life-1' } });
    const stale = { headers: { 'idempotency-key': 'k1', 'sync-epoch': 'life-0' } };
    for (const answer of [await api.create('/v1/notes/a', {}, stale), await api.batch([], stale)]) {
      expect([answer.status, answer.body]).toEqual([
        409,
        {
          type: problem('epoch-changed'),
          title: "The server's data has begun a new life.",
          status: 409,
          retryable: true,
          epoch: 'life-1',
        },
      ]);
    }
  });
});

test.each([
  [{ 'idempotency-key': '' }],
  [{ 'idempotency-key': '""' }],
  [{ 'idempotency-key': 'a b' }],
  [{ 'idempotency-key': 'x'.repeat(256) }],
  [{ 'sync-client': '' }],
  [{ 'sync-client': 'é' }],
])('a write with %j answers 400', async (headers) => {
  const { api } = await startTestServer();
  const answer = await api.create('/v1/notes/a', {}, { headers });
  expect([answer.status, answer.body.type]).toEqual([400, problem('missing-key')]);
});
