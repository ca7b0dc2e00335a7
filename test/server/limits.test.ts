import { describe, expect, test } from 'vitest';
import type { Limits, Store } from '../../src/server/index.ts';
import { createMemoryStore } from '../../src/server/index.ts';
import { startTestServer } from './support/test-server.ts';

test.each<[limits: Partial<Limits>, message: string]>([
  [{ sessionCheckMs: Infinity }, 'The limit sessionCheckMs is a number above 0, at most 2147483647.'],
  [{ heartbeatMs: 2 ** 31 }, 'The limit heartbeatMs is a number above 0, at most 2147483647.'],
  [{ hookMs: Number.NaN }, 'The limit hookMs is a number above 0, at most 2147483647.'],
  [{ frameBytes: 0 }, 'The limit frameBytes is a number above 0.'],
  [{ feedMs: -1 }, 'The limit feedMs is a number above 0.'],
  [{ feedChanges: Infinity }, 'The limit feedChanges is a number above 0.'],
  [{ pageSize: '10' as never }, 'The limit pageSize is a number above 0.'],
])('a server with the limits %j is not made', async (limits, message) => {
  const path = `/limits/${Object.keys(limits).join()}`;
  await expect(startTestServer({ limits })).rejects.toMatchObject({ code: 'invalid-option', message, path });
});

describe('sizes', () => {
  test('a body above the limit answers 413, declared or not', async () => {
    const { api, server } = await startTestServer({ limits: { bodyBytes: 100 } });
    expect((await api.create('/v1/notes/a', { text: 'x'.repeat(100) })).status).toBe(413);
    expect((await api.create('/v1/notes/a', { text: 'é'.repeat(45) })).status).toBe(413);
    expect((await api.create('/v1/notes/a', { text: 'é'.repeat(44) })).status).toBe(201);
    let chunksRead = 0;
    const endless = new ReadableStream({
      pull(controller) {
        chunksRead += 1;
        controller.enqueue(new TextEncoder().encode(' '.repeat(60)));
      },
    });
    const init = {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k', 'sync-client': 'c', 'if-none-match': '*' },
      body: endless,
      duplex: 'half',
    } as const;
    const answer = await server.fetch(new Request('http://sync.test/v1/notes/b', init));
    expect(answer.status).toBe(413);
    expect(chunksRead).toBeLessThan(10);
  });

  test('an entity may be 64 levels deep, and no body makes the server recurse', async () => {
    const { api } = await startTestServer();
    const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
    expect((await api.create('/v1/notes/a', nested(64))).status).toBe(201);
    expect((await api.create('/v1/notes/b', nested(65))).status).toBe(413);
    expect((await api.create('/v1/notes/c', `${'['.repeat(500_000)}${']'.repeat(500_000)}`)).status).toBe(413);
    expect((await api.create('/v1/notes/d', '['.repeat(1_000_000))).status).toBe(413);
    expect((await api.create('/v1/notes/e', { text: '[{'.repeat(1000), quoted: '"[\\"[[' })).status).toBe(201);
  });

  test('a patch cannot build what an entity may not be', async () => {
    const { api } = await startTestServer();
    await api.create('/v1/notes/a', { text: 'x'.repeat(600_000) });
    expect((await api.patch('/v1/notes/a', 1, [{ op: 'copy', from: '/text', path: '/more' }])).status).toBe(413);
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '', path: '/again' }));
    expect((await api.patch('/v1/notes/a', 1, doubling)).status).toBeGreaterThanOrEqual(400);
    expect((await api.get('/v1/notes/a')).body.version).toBe(1);
  });

  test('an encoded body answers 415', async () => {
    const { api } = await startTestServer();
    expect((await api.create('/v1/notes/a', {}, { headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
  });
});

test('429 with Retry-After for one principal, not for another, and it passes', async () => {
  const { api, clock } = await startTestServer({
    authenticate: (token) => (token === null ? null : { id: token }),
    limits: { requestsPerSecond: 0.5, requestBurst: 2 },
  });
  const ask = async (token: string) => {
    const { status, headers } = await api.get('/v1/notes/a', { token });
    return [status, headers.get('retry-after')];
  };
  expect([await ask('ada'), await ask('ada'), await ask('ada')]).toEqual([
    [404, null],
    [404, null],
    [429, '2'],
  ]);
  expect(await ask('bob')).toEqual([404, null]);
  await clock.advance(2000);
  expect([await ask('ada'), await ask('ada')]).toEqual([
    [404, null],
    [429, '2'],
  ]);
  expect((await api.get('/v1/health')).status).toBe(200);
});

describe('G22 hostile keys', () => {
  test('are data, and change no prototype', async () => {
    const { api } = await startTestServer({ database: ':memory:' });
    const before = Object.getOwnPropertyNames(Object.prototype).toSorted();
    const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x"}';
    expect((await api.create('/v1/notes/a', hostile)).status).toBe(201);
    const { body } = await api.get('/v1/notes/a');
    expect(Object.keys(body.entity)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'toString']));
    await api.patch('/v1/notes/a', 1, [{ op: 'add', path: '/__proto__/more', value: 2 }]);
    await api.patch('/v1/notes/a', 2, [{ op: 'add', path: '/constructor/prototype/assign', value: 2 }]);
    await api.patch('/v1/notes/a', 1, [{ op: 'copy', from: '/hasOwnProperty', path: '/x' }]);
    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('in a batch, too', async () => {
    const { api } = await startTestServer();
    const body =
      '{"requests":[{"__proto__":{"type":"create"},"idempotencyKey":"k1","collection":"notes","entityId":"a","entity":{"id":"a"}}]}';
    expect((await api.send('POST', '/v1/batch', { body })).body.results[0].status).toBe(400);
  });
});

describe('failures', () => {
  const failing = (): Store => ({
    ...createMemoryStore('life-1'),
    read: () => Promise.reject(new Error('SQLITE_IOERR: select * from entities at /srv/secret.db')),
  });

  test('answer 500 without stack, statement or path, and are reported to the operator', async () => {
    const { api, failures } = await startTestServer({ database: failing() });
    const answer = await api.get('/v1/notes/a');
    expect([answer.status, answer.body]).toEqual([
      500,
      { type: 'urn:syncline:problem:internal', title: 'The server failed.', status: 500, retryable: true },
    ]);
    expect(failures).toMatchObject([{ message: expect.stringContaining('SQLITE_IOERR') }]);
  });

  test('a request to a closed server answers 503', async () => {
    const { api, server, failures } = await startTestServer({ database: ':memory:' });
    await server.close();
    expect((await api.get('/v1/notes/a')).status).toBe(503);
    expect(failures).toEqual([]);
  });
});

test('G16 a token is in no answer, whatever happens', async () => {
  const canary = 'canary-token-7f3a';
  const { api, failures } = await startTestServer({
    authenticate: (token) => (token === canary ? { id: 'ada' } : null),
    limits: { requestBurst: 10, requestsPerSecond: 1 },
  });
  const call = { token: canary };
  const answers = [
    await api.create('/v1/notes/a', {}, call),
    await api.create('/v1/notes/a', {}, call),
    await api.create('/v1/notes/b', '{', call),
    await api.get('/v1/changes', call),
    await api.get('/v1/changes?since=x', call),
    await api.batch([{}], call),
    await api.get('/v1/notes/a', { token: `${canary}-not` }),
    await api.get('/nowhere', call),
  ];
  for (let n = 0; n < 10; n += 1) answers.push(await api.get('/v1/notes/a', call));
  expect(answers.at(-1)?.status).toBe(429);
  const said = JSON.stringify([answers.map(({ headers, body }) => [[...headers], body]), failures]);
  expect(said).not.toContain(canary);
});
