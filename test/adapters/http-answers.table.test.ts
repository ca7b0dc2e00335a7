import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApiClient, type HttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { toErrorInfo, type SyncError } from '../../src/core/errors.ts';
import { createRequestContext } from '../support/request-context.ts';
import { startHostileHttpServer, type HostileAnswer, type HostileHttpServer } from '../support/hostile-http-server.ts';
import { canary } from '../support/token-search.ts';

const stamp = '2026-01-01T00:00:00.000Z';
const entity = { id: '1', title: 'mine', updatedAt: stamp };
const record = {
  entity: { id: '1', title: 'theirs', updatedAt: stamp, version: 7 },
  version: 7,
  deleted: false,
  updatedAt: stamp,
};

const sign = { 'Sync-Protocol': '1' };
const json = { 'Content-Type': 'application/json' };
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const ours = { ...sign, ...json };

const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): HostileAnswer => ({
  status,
  headers: { ...sign, 'Content-Type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: `urn:syncline:problem:${code}`, title: code, status, ...more }),
});
const ok = (body: unknown, headers: Record<string, string> = ours): HostileAnswer => ({
  status: 200,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

interface Row {
  readonly what: string;
  readonly answer: HostileAnswer | null;
  readonly gives: object;
}

const rows: readonly Row[] = [
  { what: 'G12 HTML of a captive portal', answer: ok('<p>Sign in', html), gives: { code: 'captive-portal' } },
  {
    what: 'G12 HTML with the sign of the backend',
    answer: ok('<p>', { ...html, ...sign }),
    gives: { code: 'captive-portal' },
  },
  { what: 'G12 a record without the sign of the backend', answer: ok(record, json), gives: { code: 'bad-response' } },
  {
    what: 'G12 another protocol',
    answer: ok(record, { ...json, 'Sync-Protocol': '2' }),
    gives: { code: 'misconfigured' },
  },
  {
    what: 'G12 another protocol refusing',
    answer: { status: 403, headers: { 'Sync-Protocol': '2' } },
    gives: { code: 'misconfigured' },
  },
  { what: 'G12 an empty body', answer: ok('', ours), gives: { code: 'bad-response' } },
  { what: 'G12 no body, 204', answer: { status: 204, headers: sign }, gives: { code: 'bad-response' } },
  { what: 'G12 202 accepted', answer: { ...ok(record), status: 202 }, gives: { code: 'bad-response' } },
  { what: 'G12 203 transformed on the way', answer: { ...ok(record), status: 203 }, gives: { code: 'bad-response' } },
  { what: 'G12 broken JSON', answer: ok('{"entity":', ours), gives: { code: 'bad-response' } },
  {
    what: 'G12 JSON as text',
    answer: ok(record, { ...sign, 'Content-Type': 'text/plain' }),
    gives: { code: 'bad-response' },
  },
  { what: 'G12 null', answer: ok('null', ours), gives: { code: 'bad-response' } },
  { what: 'G12 an array', answer: ok([record]), gives: { code: 'bad-response' } },
  { what: 'S36 the bare entity', answer: ok(record.entity), gives: { code: 'bad-response' } },
  { what: 'S36 no version', answer: ok({ ...record, version: undefined }), gives: { code: 'bad-response' } },
  { what: 'S36 a version that is no version', answer: ok({ ...record, version: {} }), gives: { code: 'bad-response' } },
  {
    what: 'S36 another id',
    answer: ok({ ...record, entity: { ...record.entity, id: '2' } }),
    gives: { code: 'bad-response' },
  },
  { what: 'S36 a deletion', answer: ok({ ...record, entity: null, deleted: true }), gives: { code: 'bad-response' } },
  { what: 'S36 an entity that is deleted', answer: ok({ ...record, deleted: true }), gives: { code: 'bad-response' } },
  {
    what: 'S36 a time that is none',
    answer: ok({ ...record, updatedAt: 'yesterday' }),
    gives: { code: 'bad-response' },
  },
  {
    what: 'a redirect to a login page',
    answer: { status: 302, headers: { Location: '/login' } },
    gives: { code: 'unauthorized', status: 302 },
  },
  {
    what: 'a permanent redirect',
    answer: { status: 308, headers: { Location: 'https://x.invalid' } },
    gives: { code: 'unauthorized' },
  },
  { what: 'a hang-up', answer: null, gives: { code: 'unavailable' } },
  {
    what: '400',
    answer: problem(400, 'malformed-request'),
    gives: { code: 'rejected', status: 400, detail: { title: 'malformed-request' } },
  },
  { what: '401', answer: problem(401, 'unauthorized'), gives: { code: 'unauthorized', status: 401 } },
  {
    what: '401 of a gateway',
    answer: { status: 401, headers: html, body: '<p>' },
    gives: { code: 'unauthorized', status: 401 },
  },
  { what: '403', answer: problem(403, 'forbidden'), gives: { code: 'forbidden', status: 403 } },
  {
    what: 'G12 403 of a stranger',
    answer: { status: 403, headers: json, body: '{}' },
    gives: { code: 'bad-response', status: 403 },
  },
  {
    what: 'G12 403 of a captive portal',
    answer: { status: 403, headers: html, body: '<p>' },
    gives: { code: 'captive-portal' },
  },
  { what: '404', answer: problem(404, 'not-found'), gives: { code: 'not-found', status: 404 } },
  { what: '405', answer: problem(405, 'method-not-allowed'), gives: { code: 'misconfigured', status: 405 } },
  {
    what: 'G5 405 of a gateway: a page of maintenance takes no PUT',
    answer: { status: 405, headers: { 'Content-Type': 'text/plain' }, body: 'no' },
    gives: { code: 'bad-response', status: 405 },
  },
  { what: '406', answer: { status: 406, headers: sign }, gives: { code: 'misconfigured', status: 406 } },
  { what: '407, which fetch hides', answer: { status: 407 }, gives: { code: 'unavailable' } },
  { what: '408', answer: { status: 408, headers: { Connection: 'close' } }, gives: { code: 'unavailable' } },
  {
    what: '409 in flight',
    answer: problem(409, 'in-flight', {}, { 'Retry-After': '2' }),
    gives: { code: 'unavailable', status: 409, retryAfterMs: 2_000 },
  },
  {
    what: 'S39 409 of another epoch',
    answer: problem(409, 'epoch-changed', { epoch: 'e2' }),
    gives: { code: 'epoch-changed', epoch: 'e2' },
  },
  {
    what: '409 with the current record',
    answer: problem(409, 'exists', { current: record }),
    gives: { code: 'conflict', current: record },
  },
  { what: '409', answer: problem(409, 'patch-failed'), gives: { code: 'rejected', status: 409 } },
  { what: 'G12 409 of a stranger', answer: { status: 409 }, gives: { code: 'bad-response' } },
  { what: '410', answer: problem(410, 'deleted'), gives: { code: 'not-found', status: 410 } },
  {
    what: '412',
    answer: problem(412, 'precondition-failed', { current: record }),
    gives: { code: 'conflict', status: 412, current: record },
  },
  {
    what: '412 over a tombstone',
    answer: problem(412, 'x', { current: { entity: null, version: 8, deleted: true } }),
    gives: { code: 'conflict', current: { entity: null, version: 8, deleted: true } },
  },
  { what: '412 without a record', answer: problem(412, 'precondition-failed'), gives: { code: 'bad-response' } },
  {
    what: "412 with another entity's record",
    answer: problem(412, 'x', { current: { ...record, entity: { ...record.entity, id: '2' } } }),
    gives: { code: 'bad-response' },
  },
  { what: '413', answer: problem(413, 'too-large'), gives: { code: 'too-large', status: 413 } },
  { what: '413 of a gateway', answer: { status: 413, headers: html, body: '<p>' }, gives: { code: 'too-large' } },
  { what: '415', answer: problem(415, 'unsupported-media-type'), gives: { code: 'misconfigured', status: 415 } },
  {
    what: '422',
    answer: problem(422, 'invalid-entity', { issues: [{ path: '/title', message: 'too short' }] }),
    gives: { code: 'rejected', detail: { issues: [{ path: '/title', message: 'too short' }] } },
  },
  {
    what: '424 after an earlier failure',
    answer: problem(424, 'not-attempted'),
    gives: { code: 'unavailable', status: 424 },
  },
  { what: '428', answer: problem(428, 'precondition-required'), gives: { code: 'rejected', status: 428 } },
  {
    what: '429',
    answer: problem(429, 'rate-limited', {}, { 'Retry-After': '120' }),
    gives: { code: 'rate-limited', retryAfterMs: 120_000 },
  },
  { what: '429 of a gateway', answer: { status: 429 }, gives: { code: 'rate-limited', retryAfterMs: undefined } },
  {
    what: '500',
    answer: problem(500, 'internal'),
    gives: { code: 'unavailable', status: 500, isFromBackend: true },
  },
  {
    what: 'S26 503 with Retry-After, without the sign',
    answer: { status: 503, headers: { 'Retry-After': '7' } },
    gives: { code: 'unavailable', status: 503, retryAfterMs: 7_000, isFromBackend: false },
  },
  {
    what: 'S26 504 of a gateway',
    answer: { status: 504, headers: html, body: '<p>' },
    gives: { code: 'unavailable', status: 504, isFromBackend: false },
  },
  { what: '511', answer: { status: 511, headers: html, body: '<p>' }, gives: { code: 'captive-portal', status: 511 } },
];

let server: HostileHttpServer;
let client: HttpApiClient;

beforeAll(async () => {
  server = await startHostileHttpServer();
  client = createHttpApiClient({ url: server.url, token: () => canary });
  server.answer = () => ok({ ...record });
  await client.get('notes', '1', createRequestContext());
});
afterAll(() => server.close());

/** Puts the token wherever a careless server or proxy might. */
function echoing(answer: HostileAnswer | null): HostileAnswer | null {
  if (answer?.body === undefined || !answer.body.startsWith('{"type"')) return answer;
  const { issues, ...fields } = JSON.parse(answer.body);
  const echo = {
    ...fields,
    detail: `Bearer ${canary}`,
    issues: [...(issues ?? []), { path: `/${canary}`, message: canary }],
    [canary]: canary,
  };
  return { ...answer, body: JSON.stringify(echo) };
}

const failureOf = (call: Promise<unknown>): Promise<SyncError & { status?: number }> =>
  call.then(
    (value) => expect.unreachable(`Resolved with ${inspect(value)}`),
    (error: unknown) => error as SyncError,
  );

describe('a create that is answered with', () => {
  test.each(rows)('$what', async ({ answer, gives }) => {
    server.answer = () => answer;
    const error = await failureOf(client.create('notes', entity, createRequestContext()));
    expect(error).toMatchObject(gives);
    expect(toErrorInfo(error).code).toBe(error.code);
  });

  test.each(rows)('G16 $what, the token echoed', async ({ answer }) => {
    server.answer = () => echoing(answer);
    const error = await failureOf(client.create('notes', entity, createRequestContext()));
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(canary);
    expect(JSON.stringify(toErrorInfo(error))).not.toContain(canary);
  });
});

test('G17 the record of a conflict does not become part of what is kept of the error', async () => {
  server.answer = () =>
    problem(412, 'precondition-failed', { current: { ...record, entity: { ...record.entity, secret: 's3cret' } } });
  const error = await failureOf(client.create('notes', entity, createRequestContext()));
  expect(JSON.stringify(toErrorInfo(error))).not.toContain('s3cret');
});

test('G16 the token travels in the Authorization header and nowhere else', async () => {
  server.received.length = 0;
  server.answer = () => ok(record);
  await client.get('notes', '1', createRequestContext());
  expect(server.received).toHaveLength(1);
  const { headers, ...rest } = server.received[0]!;
  const { authorization, ...others } = headers;
  expect(authorization).toBe(`Bearer ${canary}`);
  expect(JSON.stringify([rest, others])).not.toContain(canary);
});

test('G5 a 404 of a stranger stops nothing, also when the backend was never heard: it may be on its way', async () => {
  server.answer = () => ({ status: 404, headers: html, body: '<p>' });
  for (const asking of [client, createHttpApiClient({ url: server.url })]) {
    expect(await failureOf(asking.create('notes', entity, createRequestContext()))).toMatchObject({
      code: 'bad-response',
      status: 404,
      message: expect.stringContaining('`url`'),
    });
  }
});

test('nobody listens', async () => {
  const closed = await startHostileHttpServer();
  await closed.close();
  const lost = createHttpApiClient({ url: closed.url, token: () => canary });
  const error = await failureOf(lost.create('notes', entity, createRequestContext()));
  expect(error).toMatchObject({ code: 'unavailable', detail: { reason: expect.stringContaining('ECONNREFUSED') } });
});
