import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyncError } from '../../../src/index.ts';
import { createRestApiClient, type RestApiClientOptions } from '../../../src/rest.ts';
import {
  startHostileHttpServer,
  type HostileAnswer,
  type HostileHttpServer,
} from '../../support/hostile-http-server.ts';
import { createRequestContext } from '../../support/request-context.ts';

const entity = { id: '1', updatedAt: '2026-01-01T00:00:00.000Z', title: 'mine' };
const change = { patch: [], entity } as const;
const context = createRequestContext();
const headers = { 'Content-Type': 'application/json' };
const refusal = (status: number): HostileAnswer => ({ status, headers, body: JSON.stringify({ message: 'why' }) });
const held = (etag: string): HostileAnswer => ({
  status: 200,
  headers: { ...headers, ETag: etag },
  body: JSON.stringify({ id: '1', title: 'theirs' }),
});

let server: HostileHttpServer;

beforeAll(async () => {
  server = await startHostileHttpServer();
});
afterAll(() => server.close());

/** Answers writes with one thing, and reads with another. */
function answer(write: HostileAnswer, read: HostileAnswer): void {
  server.answer = ({ method }) => (method === 'GET' ? read : write);
}

const client = (options: Partial<RestApiClientOptions> = {}) =>
  createRestApiClient({ baseUrl: server.url, ...options });
const failureOf = (call: Promise<unknown>): Promise<SyncError> =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error as SyncError,
  );
const create = (options?: Partial<RestApiClientOptions>) => failureOf(client(options).create('notes', entity, context));
const update = (baseVersion: string | null, options?: Partial<RestApiClientOptions>) =>
  failureOf(client(options).update('notes', '1', { ...change, baseVersion }, context));
const remove = (baseVersion: string | null) => failureOf(client().delete('notes', '1', { baseVersion }, context));

const theirs = {
  code: 'conflict',
  current: { entity: { title: 'theirs' }, version: '"7"' },
  detail: { message: 'why' },
};

test.each([409, 412])(
  'S12 a %i is a conflict with what the backend holds, when that is another state',
  async (status) => {
    answer(refusal(status), held('"7"'));
    expect(await create()).toMatchObject({ ...theirs, status });
    expect(await create({ create: 'POST' })).toMatchObject({ ...theirs, status });
    expect(await update('"6"')).toMatchObject({ ...theirs, status });
    expect(await remove('"6"')).toMatchObject({ ...theirs, status });
  },
);

test('a 409 for another reason, such as a name that is taken, refuses the operation', async () => {
  answer(refusal(409), held('"6"'));
  expect(await update('"6"')).toMatchObject({ code: 'rejected', status: 409, detail: { message: 'why' } });
  answer(refusal(409), refusal(404));
  expect(await create()).toMatchObject({ code: 'rejected', status: 409 });
});

test('S19 a 412 with the very tag that the backend gives refuses the operation, and is not tried again and again', async () => {
  answer(refusal(412), held('W/"6"'));
  expect(await update('W/"6"')).toMatchObject({ code: 'rejected', status: 412, detail: { message: 'why' } });
  expect((await update('W/"6"')).message).toContain('weak');
});

test('a 409 or 412 over what is gone is not found', async () => {
  answer(refusal(412), refusal(404));
  expect(await update('"6"')).toMatchObject({ code: 'not-found', status: 412 });
  expect(await remove('"6"')).toMatchObject({ code: 'not-found', status: 412 });
  answer(refusal(412), { ...held('"7"'), body: JSON.stringify({ id: '1', deletedAt: '2026-01-01' }) });
  const gone = await update('"6"', { deleted: '/deletedAt' });
  expect(gone).toMatchObject({ code: 'not-found', current: { entity: null, deleted: true, version: '"7"' } });
});

test('without versions an update that is refused is refused', async () => {
  answer(refusal(409), held('"7"'));
  expect(await update(null, { version: 'none' })).toMatchObject({ code: 'rejected', status: 409 });
});

test('what the backend holds has to be known: else nothing is said', async () => {
  answer(refusal(412), refusal(503));
  expect(await update('"6"')).toMatchObject({ code: 'unavailable', status: 503 });
  answer(refusal(412), { ...held('"7"'), body: '{' });
  expect(await update('"6"')).toMatchObject({ code: 'bad-response' });
});

test('what was deleted softly is a tombstone to who reads it', async () => {
  answer(refusal(500), { ...held('"7"'), body: JSON.stringify({ id: '1', gone: true, updatedAt: 0 }) });
  expect(await client({ deleted: '/gone' }).get('notes', '1', context)).toEqual({
    entity: null,
    deleted: true,
    version: '"7"',
    updatedAt: '1970-01-01T00:00:00.000Z',
  });
});
