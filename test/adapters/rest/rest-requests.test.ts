import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRestApiClient, type RestApiClientOptions } from '../../../src/rest.ts';
import { startHostileHttpServer, type HostileHttpServer } from '../../support/hostile-http-server.ts';
import { createRequestContext } from '../../support/request-context.ts';
import { canary } from '../../support/token-search.ts';

const stamp = '2026-01-01T00:00:00.000Z';
const entity = { id: '1', updatedAt: stamp, title: 'mine', tags: ['a', 'b'], inner: { x: 1, y: 2 } };
const patch = [
  { op: 'replace', path: '/title', value: 'mine' },
  { op: 'remove', path: '/gone' },
  { op: 'add', path: '/tags/1', value: 'b' },
  { op: 'replace', path: '/inner/y', value: 2 },
] as const;
const context = createRequestContext({ idempotencyKey: 'key-1' });

let server: HostileHttpServer;

beforeAll(async () => {
  server = await startHostileHttpServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.received.length = 0;
  server.answer = () => ({
    status: 200,
    headers: { 'Content-Type': 'application/json', ETag: 'W/"7"' },
    body: JSON.stringify({ ...entity, rev: 7, data: { ...entity, rev: 7 } }),
  });
});

const client = (options: Partial<RestApiClientOptions> = {}) =>
  createRestApiClient({ baseUrl: `${server.url}/api/`, ...options });

/** The last request, with the headers that matter. */
function sent(): object {
  const { method, url, body, headers } = server.received.at(-1)!;
  const names = ['content-type', 'if-match', 'if-none-match', 'idempotency-key'].filter((name) => name in headers);
  return {
    request: `${method} ${url}`,
    headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
    ...(body === '' ? {} : { body: JSON.parse(body) }),
  };
}

const create = async (options?: Partial<RestApiClientOptions>, of = entity) => {
  await client(options).create('notes', of, context);
  return sent();
};
const update = async (options?: Partial<RestApiClientOptions>, baseVersion: string | number | null = 'W/"6"') => {
  await client(options).update('notes', '1', { patch, entity, baseVersion }, context);
  return sent();
};

const type = 'application/json';
const content = { id: '1', title: 'mine', tags: ['a', 'b'], inner: { x: 1, y: 2 } };

describe('a create', () => {
  test('is a PUT that makes nothing over what is there', async () => {
    expect(await create()).toEqual({
      request: 'PUT /api/notes/1',
      headers: { 'content-type': type, 'if-none-match': '*' },
      body: content,
    });
  });

  test('is a POST to the list, or to a path of its own, without the id in its body', async () => {
    expect(await create({ create: 'POST' })).toEqual({
      request: 'POST /api/notes',
      headers: { 'content-type': type },
      body: content,
    });
    const { id: _, ...rest } = content;
    expect(await create({ create: { method: 'POST', path: '/{collection}/new/{id}' }, sendsId: false })).toMatchObject({
      request: 'POST /api/notes/new/1',
      body: rest,
    });
  });

  test('S42 percent-encodes ids in templates', async () => {
    for (const id of ['a/b', '../x', '%2e', 'a?b#c', '😀', '{id}', '...']) {
      await client()
        .create('notes', { ...entity, id }, context)
        .catch(() => undefined);
      expect(server.received.at(-1)?.url).toBe(`/api/notes/${encodeURIComponent(id)}`);
    }
    await expect(client().get('notes', '..', context)).rejects.toMatchObject({ code: 'invalid-id' });
    await expect(client().get('no/tes', '1', context)).rejects.toMatchObject({ code: 'invalid-collection' });
  });

  test('goes by path functions, which have to give a path', async () => {
    const path = ({ collection, id }: { collection: string; id: string }) => `/v3/${collection.toUpperCase()}?id=${id}`;
    expect(await create({ path })).toMatchObject({ request: 'PUT /api/v3/NOTES?id=1' });
    await expect(create({ path: () => 'https://evil.example' })).rejects.toMatchObject({ code: 'misconfigured' });
  });

  test('puts the entity, its id and its time where the API wants them', async () => {
    const options = {
      envelope: '/data',
      requestEnvelope: '/note',
      id: '/ref/key',
      idType: 'number',
      updatedAt: '/changed',
      updatedAtBy: 'client',
      clock: { now: () => Date.parse(stamp), setTimeout: () => 0, clearTimeout: () => undefined },
    } as const;
    server.answer = () => ({
      status: 201,
      headers: { 'Content-Type': type, ETag: '"8"' },
      body: JSON.stringify({ data: { ref: { key: 1, kind: 'note' }, changed: Date.parse(stamp), title: 'theirs' } }),
    });
    const record = await client(options).create(
      'notes',
      { id: '1', updatedAt: stamp, title: 'mine' } as never,
      context,
    );
    expect(sent()).toMatchObject({ body: { note: { ref: { key: 1 }, title: 'mine', changed: stamp } } });
    expect(record).toEqual({
      entity: { id: '1', title: 'theirs', ref: { kind: 'note' }, updatedAt: stamp, version: '"8"' },
      deleted: false,
      updatedAt: stamp,
      version: '"8"',
    });
  });

  test('is refused here when the API counts its ids and this is no number', async () => {
    for (const id of ['x', '01', '1.5', '1e3', '99999999999999999'])
      await expect(create({ idType: 'number' }, { ...entity, id })).rejects.toMatchObject({
        code: 'invalid-id',
        path: '/id',
      });
    expect(server.received).toEqual([]);
  });

  test('stops everything when the API gives out an id of its own: asked about, it would be made again and again', async () => {
    server.answer = () => ({
      status: 201,
      headers: { 'Content-Type': type, ETag: '"1"' },
      body: JSON.stringify({ id: 5, title: 'mine' }),
    });
    await expect(create({ create: 'POST' })).rejects.toMatchObject({ code: 'misconfigured' });
    await expect(create()).rejects.toMatchObject({ code: 'bad-response' });
  });

  test('G2 carries its key only where the backend recognises it, and only then says that it is idempotent', async () => {
    expect(client().capabilities).toEqual({ idempotent: false });
    expect(client({ idempotencyHeader: 'Idempotency-Key' }).capabilities).toEqual({ idempotent: true });
    expect(await create({ idempotencyHeader: 'Idempotency-Key' })).toMatchObject({
      headers: { 'idempotency-key': 'key-1' },
    });
  });
});

describe('an update', () => {
  test('S12 is a PUT on the entity tag it was made on, also a weak one', async () => {
    expect(await update()).toEqual({
      request: 'PUT /api/notes/1',
      headers: { 'content-type': type, 'if-match': 'W/"6"' },
      body: content,
    });
  });

  test('is a merge patch of what changed, arrays as a whole', async () => {
    expect(await update({ update: 'merge-patch' })).toEqual({
      request: 'PATCH /api/notes/1',
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': 'W/"6"' },
      body: { title: 'mine', gone: null, tags: ['a', 'b'], inner: { y: 2 } },
    });
    expect(await update({ update: 'merge-patch', updateType: type })).toMatchObject({
      headers: { 'content-type': type },
    });
  });

  test('is a JSON Patch', async () => {
    expect(await update({ update: 'json-patch' })).toMatchObject({
      request: 'PATCH /api/notes/1',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"6"' },
      body: patch,
    });
  });

  test('S12 says the version of a field as the API wants it', async () => {
    const field = (send?: 'if-match' | 'body' | 'none') => ({
      version: { pointer: '/rev', ...(send ? { send } : {}) },
    });
    expect(await update(field(), 6)).toMatchObject({ headers: { 'if-match': '"6"' }, body: content });
    expect(await update(field('none'), 6)).toEqual({
      request: 'PUT /api/notes/1',
      headers: { 'content-type': type },
      body: content,
    });
    expect(await update(field('body'), 6)).toMatchObject({ body: { ...content, rev: 6 } });
    expect(await update({ ...field('body'), update: 'merge-patch' }, 6)).toMatchObject({
      body: { rev: 6, title: 'mine' },
    });
    expect(await update({ ...field('body'), update: 'json-patch' }, 6)).toMatchObject({
      body: [{ op: 'test', path: '/rev', value: 6 }, ...patch],
    });
    const record = await client(field()).get('notes', '1', context);
    expect(record).toMatchObject({ version: 7, entity: { version: 7 } });
    expect(record?.entity).not.toHaveProperty('rev');
    expect(await client({ version: { pointer: '/rev', ordered: false } }).get('notes', '1', context)).toMatchObject({
      version: '7',
    });
  });

  test('S8 has its time of sending beside it where nobody else tells it', async () => {
    const clock = {
      now: () => Date.parse('2026-02-02T00:00:00.000Z'),
      setTimeout: () => 0,
      clearTimeout: () => undefined,
    };
    const options = { updatedAtBy: 'client', clock, fetch: withoutDate } as const;
    const sentAt = { updatedAt: '2026-02-02T00:00:00.000Z' };
    expect(await update(options)).toMatchObject({ body: { ...content, ...sentAt } });
    expect(await update({ ...options, update: 'merge-patch' })).toMatchObject({ body: { title: 'mine', ...sentAt } });
    expect(await update({ ...options, update: 'json-patch' })).toMatchObject({
      body: [...patch, { op: 'add', path: '/updatedAt', value: sentAt.updatedAt }],
    });
  });

  test('a null that a merge patch cannot carry is refused before it is sent', async () => {
    const change = (value: null | object) => ({
      patch: [{ op: 'add', path: '/a~1b', value: value as never }] as const,
      entity: { id: '1', updatedAt: stamp, 'a/b': value },
      baseVersion: '"6"',
    });
    for (const value of [null, { inner: { deep: null } }]) {
      const call = client({ update: 'merge-patch' }).update('notes', '1', change(value), context);
      await expect(call).rejects.toMatchObject({ code: 'invalid-patch' });
    }
    expect(server.received).toEqual([]);
    await client({ update: 'merge-patch' }).update('notes', '1', change([null, { x: null }]), context);
    expect(sent()).toMatchObject({ body: { 'a/b': [null, { x: null }] } });
  });

  test('an object that takes the place of another is compared with what the backend holds', async () => {
    const whole = {
      patch: [{ op: 'replace', path: '', value: {} }],
      entity: { ...entity, inner: { x: 1 } },
      baseVersion: 'W/"7"',
    } as const;
    await client({ update: 'merge-patch' }).update('notes', '1', whole, context);
    expect(sent()).toMatchObject({
      request: 'PATCH /api/notes/1',
      body: { inner: { y: null }, data: null, rev: null },
    });
    const stale = client({ update: 'merge-patch' }).update('notes', '1', { ...whole, baseVersion: 'W/"6"' }, context);
    await expect(stale).rejects.toMatchObject({ code: 'conflict', current: { version: 'W/"7"' } });
  });
});

test('a delete says what it was made on', async () => {
  server.answer = () => ({ status: 204 });
  await client().delete('notes', '1', { baseVersion: '"6"' }, context);
  expect(sent()).toEqual({ request: 'DELETE /api/notes/1', headers: { 'if-match': '"6"' } });
  await client({ version: 'none' }).delete('notes', '1', { baseVersion: null }, context);
  expect(sent()).toEqual({ request: 'DELETE /api/notes/1', headers: {} });
});

test('S11 what the answer to a write does not tell is read after it', async () => {
  const answers: (readonly [object | null, Record<string, string>])[] = [
    [null, { ETag: '"7"' }],
    [{ ok: true, rev: 7 }, { ETag: '"7"' }],
    [entity, {}],
  ];
  for (const [body, headers] of answers) {
    server.received.length = 0;
    server.answer = ({ method }) =>
      method === 'GET'
        ? {
            status: 200,
            headers: { 'Content-Type': type, ETag: '"8"' },
            body: JSON.stringify({ ...entity, title: 'read' }),
          }
        : {
            status: body === null ? 204 : 200,
            headers: { ...headers, 'Content-Type': type },
            ...(body === null ? {} : { body: JSON.stringify(body) }),
          };
    const options = { writeAnswer: body === null || 'id' in body ? 'entity' : 'ignored' } as const;
    expect(await client(options).create('notes', entity, context)).toMatchObject({
      version: '"8"',
      entity: { title: 'read' },
    });
    expect(server.received.map(({ method }) => method)).toEqual(['PUT', 'GET']);
  }
});

test.each([400, 401, 403, 405, 413, 422, 429, 500])(
  'G7 a write that was done is not refused because a %i keeps it from being read',
  async (status) => {
    server.answer = ({ method }) => ({ status: method === 'GET' ? status : method === 'DELETE' ? 200 : 204 });
    const unknown = { code: 'unavailable', status };
    await expect(client().create('notes', entity, context)).rejects.toMatchObject(unknown);
    await expect(update()).rejects.toMatchObject(unknown);
    await expect(client().delete('notes', '1', { baseVersion: '"6"' }, context)).rejects.toMatchObject(unknown);
  },
);

test('collections differ in what they say, and take the rest from all', async () => {
  const options = {
    create: 'POST',
    collections: { notes: { path: '/n/{id}', create: 'PUT' }, other: { path: '/o/{id}' } },
  } as const;
  expect(await create(options)).toMatchObject({ request: 'PUT /api/n/1' });
  await client(options).create('other', entity, context);
  expect(sent()).toMatchObject({ request: 'POST /api/o' });
  await client(options).create('third', entity, context);
  expect(sent()).toMatchObject({ request: 'POST /api/third' });
});

test('own headers stand in for those of the client, once each', async () => {
  const headers = {
    Authorization: 'Basic b3duOm93bg==',
    accept: 'application/vnd.api+json',
    'Content-Type': 'text/plain',
  };
  await create({ token: () => canary, headers });
  expect(server.received.at(-1)?.headers).toMatchObject({
    authorization: headers.Authorization,
    accept: headers.accept,
    'content-type': type,
  });
});

/** The clock of the real server is not that of the test. */
async function withoutDate(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const headers = new Headers(response.headers);
  headers.delete('date');
  return new Response(response.body, { status: response.status, headers });
}
