import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncError } from '../../../src/index.ts';
import { createRestApiClient, type RestApiClient } from '../../../src/rest.ts';
import {
  startHostileHttpServer,
  type HostileAnswer,
  type HostileHttpServer,
} from '../../support/hostile-http-server.ts';
import { createRequestContext } from '../../support/request-context.ts';
import { canary } from '../../support/token-search.ts';

const token = `${canary}-5f1d`;
const apiKey = `${canary}-header-77aa`;
const stamp = '2026-01-01T00:00:00.000Z';
const entity = { id: '1', title: 'mine', updatedAt: stamp };
const json = { 'Content-Type': 'application/json' };
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const text = { 'Content-Type': 'text/plain' };
const tagged = { ...json, ETag: '"7"' };

interface Row {
  readonly what: string;
  readonly answer: HostileAnswer | null;
  readonly gives: object;
}

const ok = (body: unknown, headers: Record<string, string> = tagged, status = 200): HostileAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

/** What a GET, a PUT that creates and a PUT that changes make of an answer. */
const rows: readonly Row[] = [
  { what: 'G12 HTML of a captive portal', answer: ok('<p>Sign in', html), gives: { code: 'captive-portal' } },
  { what: 'G12 broken JSON', answer: ok('{"id":"1",'), gives: { code: 'bad-response' } },
  { what: 'G12 JSON as text', answer: ok(entity, { 'Content-Type': 'text/plain' }), gives: { code: 'bad-response' } },
  { what: 'G12 null', answer: ok('null'), gives: { code: 'bad-response' } },
  { what: 'G12 a number', answer: ok('1'), gives: { code: 'bad-response' } },
  { what: 'G12 an array', answer: ok([entity]), gives: { code: 'bad-response' } },
  { what: 'G12 202 accepted', answer: ok(entity, tagged, 202), gives: { code: 'bad-response', status: 202 } },
  { what: 'G12 203 transformed on the way', answer: ok(entity, tagged, 203), gives: { code: 'bad-response' } },
  { what: 'G22 a hundred thousand levels', answer: ok(`{"id":"1","a":${deep}}`), gives: { code: 'bad-response' } },
  { what: 'G22 a number that is none', answer: ok('{"id":"1","a":1e999}'), gives: { code: 'bad-response' } },
  { what: 'S36 no id', answer: ok({ title: 'x' }), gives: { code: 'bad-response' } },
  { what: 'S36 an id that is none', answer: ok({ id: {}, title: 'x' }), gives: { code: 'bad-response' } },
  { what: 'S36 an id of the prototype', answer: ok('{"__proto__":{"id":"1"}}'), gives: { code: 'bad-response' } },
  { what: 'S36 another entity', answer: ok({ ...entity, id: '2' }), gives: { code: 'bad-response' } },
  {
    what: 'S36 a time that is none',
    answer: ok({ ...entity, updatedAt: 'yesterday' }),
    gives: { code: 'bad-response' },
  },
  { what: 'S36 no entity tag, ever', answer: ok(entity, json), gives: { code: 'bad-response' } },
  {
    what: 'S36 an entity tag that is none',
    answer: ok(entity, { ...json, ETag: '7' }),
    gives: { code: 'bad-response' },
  },
  { what: 'a hang-up', answer: null, gives: { code: 'unavailable', status: undefined } },
  { what: '400', answer: ok({ message: 'no' }, json, 400), gives: { code: 'rejected', detail: { message: 'no' } } },
  { what: '401', answer: ok('{}', json, 401), gives: { code: 'unauthorized' } },
  { what: '403', answer: ok('{}', json, 403), gives: { code: 'forbidden' } },
  { what: 'G12 403 of a captive portal', answer: ok('<p>', html, 403), gives: { code: 'captive-portal' } },
  { what: 'G12 404 of a stranger', answer: ok('<p>', html, 404), gives: { code: 'bad-response', status: 404 } },
  {
    what: 'G7 G12 404 of a gateway in text',
    answer: ok('404 page not found', text, 404),
    gives: { code: 'bad-response', status: 404, message: expect.stringContaining('`sign`') },
  },
  { what: 'G7 G12 410 of a gateway in text', answer: ok('gone', text, 410), gives: { code: 'bad-response' } },
  { what: 'G7 G12 403 of a gateway in text', answer: ok('no', text, 403), gives: { code: 'bad-response' } },
  { what: 'G7 G12 400 of a gateway in text', answer: ok('bad', {}, 400), gives: { code: 'bad-response' } },
  { what: '403 with nothing in it', answer: ok('', {}, 403), gives: { code: 'forbidden' } },
  { what: '405', answer: ok('{}', json, 405), gives: { code: 'misconfigured' } },
  { what: 'G5 405 of a gateway in text', answer: ok('no', text, 405), gives: { code: 'bad-response' } },
  { what: '406', answer: ok('', {}, 406), gives: { code: 'misconfigured' } },
  { what: '408', answer: { status: 408, headers: { Connection: 'close' } }, gives: { code: 'unavailable' } },
  { what: '413', answer: ok('<p>', html, 413), gives: { code: 'too-large' } },
  { what: '415', answer: ok('{}', json, 415), gives: { code: 'misconfigured' } },
  {
    what: '422 with its reasons',
    answer: ok({ errors: [{ message: 'too short', field: 1 }, 'odd', 7] }, json, 422),
    gives: { code: 'rejected', status: 422, detail: { errors: [{ message: 'too short' }, 'odd'] } },
  },
  { what: '428', answer: ok('{}', json, 428), gives: { code: 'rejected', status: 428 } },
  {
    what: '429',
    answer: ok('{}', { ...json, 'Retry-After': '7' }, 429),
    gives: { code: 'rate-limited', retryAfterMs: 7_000 },
  },
  { what: '500', answer: ok('{}', json, 500), gives: { code: 'unavailable', status: 500, isFromBackend: true } },
  {
    what: 'S26 502 of a gateway',
    answer: ok('oops', html, 502),
    gives: { code: 'unavailable', status: 502, isFromBackend: false },
  },
  {
    what: 'S26 503 of a gateway in text',
    answer: ok('upstream connect error', text, 503),
    gives: { code: 'unavailable', isFromBackend: false },
  },
  {
    what: '503 with Retry-After',
    answer: ok('', { 'Retry-After': '2' }, 503),
    gives: { code: 'unavailable', retryAfterMs: 2_000 },
  },
  { what: '511', answer: ok('<p>', html, 511), gives: { code: 'captive-portal' } },
];

let server: HostileHttpServer;
let client: RestApiClient;

beforeAll(async () => {
  server = await startHostileHttpServer();
  client = createRestApiClient({
    baseUrl: server.url,
    token: () => token,
    headers: async () => ({ 'X-Api-Key': apiKey }),
    maxAnswerBytes: 1_200_000,
    list: {},
  });
});
afterAll(() => server.close());

const failureOf = (call: Promise<unknown>): Promise<SyncError> =>
  call.then(
    (value) => expect.unreachable(`Resolved with ${inspect(value)}`),
    (error: unknown) => error as SyncError,
  );

const context = createRequestContext();
const update = { patch: [{ op: 'replace', path: '/title', value: 'mine' }], entity, baseVersion: '"6"' } as const;
const calls = {
  get: () => client.get('notes', '1', context),
  create: () => client.create('notes', entity, context),
  update: () => client.update('notes', '1', update, context),
};

describe.each(Object.entries(calls))('a %s that is answered with', (_, call) => {
  test.each(rows)('$what', async ({ answer, gives }) => {
    server.answer = () => answer;
    expect(await failureOf(call())).toMatchObject(gives);
  });
});

describe('a list that is answered with', () => {
  const listed = () => client.changes!('notes', { cursor: null, limit: 10 }, context);

  test.each([
    ['G12 HTML', ok('<p>', html), 'captive-portal'],
    ['G12 cut off JSON', ok('[{"id":"1"}'), 'bad-response'],
    ['S36 an object', ok({ rows: [] }), 'bad-response'],
    ['G12 nothing', ok('', tagged), 'bad-response'],
    ['S36 rows that are no entities', ok([1, null, 'x']), 'bad-response'],
    ['S36 a row without an id', ok([{ id: '1' }, { title: 'x' }]), 'bad-response'],
    ['401', ok('{}', json, 401), 'unauthorized'],
    ['410 from the beginning', ok('{}', json, 410), 'not-found'],
    ['503', ok('{}', json, 503), 'unavailable'],
    ['G15 a page longer than a client takes', ok(`["${'x'.repeat(1_300_000)}"]`), 'bad-response'],
  ])('%s', async (_, answer, code) => {
    server.answer = () => answer;
    expect((await failureOf(listed())).code).toBe(code);
  });
});

test('G15 a body longer than a client takes is not read to its end, also when its length is not told', async () => {
  let given = 0;
  const endless = (): Promise<Response> => {
    const body = new ReadableStream({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(1_000).fill(32));
      },
    });
    return Promise.resolve(new Response(body, { headers: tagged }));
  };
  const small = createRestApiClient({ baseUrl: server.url, maxAnswerBytes: 5_000, fetch: endless });
  expect((await failureOf(small.get('notes', '1', context))).code).toBe('bad-response');
  expect(given).toBeLessThan(10);
});

test('G16 neither the token nor a header of its own is in an error, also when the backend echoes them', async () => {
  for (const { answer } of rows) {
    const echo = JSON.stringify({
      message: `${token} ${apiKey}`,
      errors: [{ detail: apiKey }, token],
      [token]: apiKey,
    });
    server.answer = () => (answer === null || answer.status < 400 ? answer : { ...answer, headers: json, body: echo });
    const error = await failureOf(calls.create());
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(canary);
  }
  expect(server.received.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${token}`, 'x-api-key': apiKey });
  expect(server.received.map(({ url }) => url).join()).not.toContain(canary);
});

test('G12 with a sign, only answers that bear it are the word of the backend', async () => {
  const signed = createRestApiClient({ baseUrl: server.url, sign: { header: 'X-Backend', value: 'ours' } });
  const answers: readonly [HostileAnswer, object | null][] = [
    [ok(entity, { ...tagged, 'X-Backend': 'ours' }), null],
    [ok(entity, tagged), { code: 'bad-response' }],
    [ok(entity, { ...tagged, 'X-Backend': 'theirs' }), { code: 'bad-response' }],
    [ok('{}', json, 403), { code: 'bad-response', status: 403 }],
    [ok('{}', json, 404), { code: 'bad-response', status: 404 }],
    [ok('<p>', { ...html, 'X-Backend': 'ours' }, 422), { code: 'rejected', status: 422 }],
    [ok('no such note', { ...text, 'X-Backend': 'ours' }, 404), { code: 'not-found', status: 404 }],
  ];
  for (const [answer, gives] of answers) {
    server.answer = () => answer;
    if (gives === null) expect(await signed.create('notes', entity, context)).toMatchObject({ version: '"7"' });
    else expect(await failureOf(signed.create('notes', entity, context))).toMatchObject(gives);
  }
});

test('a redirect is not followed for a write', async () => {
  server.answer = () => ({ status: 302, headers: { Location: '/login' } });
  expect(await failureOf(calls.update())).toMatchObject({ code: 'unauthorized', status: 302 });
  expect(await failureOf(client.delete('notes', '1', { baseVersion: '"6"' }, context))).toMatchObject({
    code: 'unauthorized',
  });
});

test('G16 own headers go nowhere else: a read that carries them is not redirected, one with the token alone is', async () => {
  const elsewhere = await startHostileHttpServer();
  elsewhere.answer = () => ok(entity);
  server.answer = () => ({ status: 307, headers: { Location: `${elsewhere.url}/notes/1` } });
  try {
    expect(await failureOf(calls.get())).toMatchObject({ code: 'unauthorized', status: 307 });
    expect(elsewhere.received).toEqual([]);
    const bare = createRestApiClient({ baseUrl: server.url, token: () => token });
    expect(await bare.get('notes', '1', context)).toMatchObject({ version: '"7"' });
    expect(JSON.stringify(elsewhere.received)).not.toContain(canary);
  } finally {
    await elsewhere.close();
  }
});

test.each([
  ['204', { status: 204 }, null],
  ['JSON', ok('{}'), null],
  ['404', ok('{}', json, 404), { code: 'not-found' }],
  ['404 and nothing else', ok('', {}, 404), { code: 'not-found' }],
  ['G7 404 of a gateway in text', ok('404 page not found', text, 404), { code: 'bad-response', status: 404 }],
  ['G12 202', { status: 202 }, { code: 'bad-response' }],
  ['G12 HTML', ok('<p>', html), { code: 'captive-portal' }],
  ['403', ok('{}', json, 403), { code: 'forbidden' }],
] as const)('a delete that is answered with %s', async (_, answer, gives) => {
  server.answer = () => answer;
  const call = client.delete('notes', '1', { baseVersion: '"6"' }, context);
  if (gives === null) expect(await call).toBeUndefined();
  else expect(await failureOf(call)).toMatchObject(gives);
});

test('G12 a delete that is answered with nothing at all counts once the entity is seen to be gone', async () => {
  const call = () => client.delete('notes', '1', { baseVersion: '"6"' }, context);
  server.answer = ({ method }) => (method === 'DELETE' ? { status: 200 } : ok('{}', json, 404));
  expect(await call()).toBeUndefined();
  server.answer = ({ method }) => (method === 'DELETE' ? { status: 200 } : ok(entity));
  expect(await failureOf(call())).toMatchObject({ code: 'bad-response' });
});

test('S26 the probe takes JSON or nothing, not HTML, and sends neither token nor own headers', async () => {
  const probing = createRestApiClient({
    baseUrl: server.url,
    token: () => token,
    headers: { 'X-Api-Key': apiKey },
    probe: '/up',
  });
  server.answer = () => ({ status: 204 });
  await probing.probe!(context);
  const { url, headers } = server.received.at(-1)!;
  expect([url, headers.authorization, headers['x-api-key']]).toEqual(['/up', undefined, undefined]);
  server.answer = () => ok('<p>', html);
  expect(await failureOf(probing.probe!(context))).toMatchObject({ code: 'captive-portal' });
});

test('headers that cannot be had or sent are errors of their own', async () => {
  const failing = createRestApiClient({ baseUrl: server.url, headers: () => Promise.reject(new Error(apiKey)) });
  const error = await failureOf(failing.get('notes', '1', context));
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(inspect(error, { depth: 20 })).not.toContain(apiKey);
  const wrong = createRestApiClient({ baseUrl: server.url, headers: () => ({ 'X Y': '1' }) });
  expect(await failureOf(wrong.get('notes', '1', context))).toMatchObject({ code: 'misconfigured' });
});

test('a call ends when its signal is aborted', async () => {
  const hanging = createRestApiClient({ baseUrl: server.url, fetch: () => new Promise(() => undefined) });
  const controller = new AbortController();
  const call = failureOf(hanging.get('notes', '1', createRequestContext({ signal: controller.signal })));
  controller.abort();
  expect(await call).toMatchObject({ code: 'aborted' });
});
