import { expect, test } from 'vitest';
import { createRestApiClient, type RestApiClientOptions } from '../../../src/rest.ts';
import { canary } from '../../support/token-search.ts';

const baseUrl = 'https://api.example.com';

const rows: readonly (readonly [path: string, options: unknown])[] = [
  ['/baseUrl', {}],
  ['/baseUrl', { baseUrl: 'ftp://x' }],
  ['/baseUrl', { baseUrl: `https://user:${canary}@x` }],
  ['/url', { baseUrl, url: baseUrl }],
  ['/path', { baseUrl, path: 'notes/{id}' }],
  ['/path', { baseUrl, path: '/notes/{key}' }],
  ['/path', { baseUrl, path: '/notes' }],
  ['/envelope', { baseUrl, envelope: 'data' }],
  ['/id', { baseUrl, id: '' }],
  ['/id', { baseUrl, id: '/__proto__/id' }],
  ['/idType', { baseUrl, idType: 'integer' }],
  ['/version', { baseUrl, version: 'rev' }],
  ['/version/pointer', { baseUrl, version: {} }],
  ['/version/send', { baseUrl, version: { pointer: '/rev', send: 'query' } }],
  ['/version/send', { baseUrl, version: { pointer: '/rev', send: 'body', ordered: false } }],
  ['/version/field', { baseUrl, version: { field: '/rev' } }],
  ['/updatedAt', { baseUrl, updatedAt: 'updatedAt' }],
  ['/updatedAt', { baseUrl, updatedAt: null, list: { feed: 'updated-at', path: '/x?since={since}' } }],
  ['/updatedAtBy', { baseUrl, updatedAtBy: 'me' }],
  ['/create', { baseUrl, create: 'PATCH' }],
  ['/create', { baseUrl, create: 'POST', path: () => '/x' }],
  ['/create/method', { baseUrl, create: { path: '/x' } }],
  ['/create/path', { baseUrl, create: { method: 'POST' } }],
  ['/update', { baseUrl, update: 'PATCH' }],
  ['/updateType', { baseUrl, updateType: 'json' }],
  ['/writeAnswer', { baseUrl, writeAnswer: 'none' }],
  ['/sendsId', { baseUrl, sendsId: 'no' }],
  ['/headers', { baseUrl, headers: { 'X Y': '1' } }],
  ['/token', { baseUrl, token: canary }],
  ['/idempotencyHeader', { baseUrl, idempotencyHeader: 'Idempotency Key' }],
  ['/sign/header', { baseUrl, sign: {} }],
  ['/probe', { baseUrl, probe: 'health' }],
  ['/maxAnswerBytes', { baseUrl, maxAnswerBytes: 0 }],
  ['/list/path', { baseUrl, path: () => '/x', list: {} }],
  ['/list/path', { baseUrl, list: { path: '/x?cursor={next}' } }],
  ['/list/path', { baseUrl, list: { feed: 'updated-at' } }],
  ['/list/next', { baseUrl, list: { feed: 'cursor' } }],
  ['/list/next', { baseUrl, list: { feed: 'updated-at', path: '/x?since={since}', next: '/next' } }],
  ['/list/rows', { baseUrl, list: { rows: 'data' } }],
  ['/list/feed', { baseUrl, list: { feed: 'changes' } }],
  ['/list/maxLimit', { baseUrl, list: { maxLimit: 1 } }],
  ['/list/overlapMs', { baseUrl, list: { overlapMs: -1 } }],
  ['/list/limit', { baseUrl, list: { limit: 5 } }],
  ['/collections/notes/id', { baseUrl, collections: { notes: { id: 'key' } } }],
  ['/collections/notes/baseUrl', { baseUrl, collections: { notes: { baseUrl } } }],
  ['/collections/notes/list/feed', { baseUrl, list: {}, collections: { notes: { list: { feed: 'x' } } } }],
];

test.each(rows)('an option that cannot work is refused by its name: %s, %j', (path, options) => {
  const create = () => createRestApiClient(options as RestApiClientOptions);
  expect(create).toThrow(expect.objectContaining({ code: 'invalid-option', path }));
  expect(create).not.toThrow(canary);
});

test('a collection that cannot be one is refused', () => {
  const create = () => createRestApiClient({ baseUrl, collections: { 'a/b': {} } });
  expect(create).toThrow(expect.objectContaining({ code: 'invalid-collection' }));
});

test('it has a feed and a probe when there are a list and a path for it', () => {
  const has = (options: object) => {
    const client = createRestApiClient({ baseUrl, ...options });
    return [client.changes !== undefined, client.probe !== undefined, client.batch !== undefined];
  };
  expect(has({})).toEqual([false, false, false]);
  expect(has({ list: {} })).toEqual([true, false, false]);
  expect(has({ collections: { notes: { list: {} } } })).toEqual([true, false, false]);
  expect(has({ list: false, probe: '/up' })).toEqual([false, true, false]);
});

test('a collection without a list says so', async () => {
  const { changes } = createRestApiClient({ baseUrl, collections: { notes: { list: {} } } });
  const context = { clientId: 'c', attempt: 1, signal: new AbortController().signal };
  const call = changes!('tasks', { cursor: null, limit: 10 }, context);
  await expect(call).rejects.toMatchObject({ code: 'unsupported', collection: 'tasks' });
});
