import { expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import type { SyncRequest } from '../../src/core/operation.ts';
import { createRequestContext } from '../support/request-context.ts';
import { canary } from '../support/token-search.ts';

const stamp = '2026-01-01T00:00:00.000Z';
const collection = 'notes';
const requests: readonly SyncRequest[] = [
  {
    idempotencyKey: 'a',
    type: 'create',
    collection,
    entityId: '1',
    entity: { id: '1', updatedAt: stamp },
    baseVersion: null,
  },
  {
    idempotencyKey: 'b',
    type: 'update',
    collection,
    entityId: '2',
    entity: { id: '2', updatedAt: stamp },
    patch: [{ op: 'remove', path: '/x' }],
    baseVersion: 4,
  },
  { idempotencyKey: 'c', type: 'delete', collection, entityId: '3', baseVersion: 5, updatedAt: stamp },
];
const live = (id: string, version: number) => ({
  entity: { id, updatedAt: stamp, version },
  version,
  deleted: false,
  updatedAt: stamp,
});
const tombstone = { entity: null, version: 6, deleted: true, updatedAt: stamp };

interface Exchanged {
  readonly url: string;
  readonly init: RequestInit;
}

function batchAnsweredWith(status: number, body: unknown, headers: Record<string, string> = {}) {
  const exchanged: Exchanged[] = [];
  const client = createHttpApiClient({
    url: 'https://api.example',
    token: () => canary,
    fetch: async (url, init) => {
      exchanged.push({ url, init });
      const ours = { 'Sync-Protocol': '1', 'Content-Type': 'application/json' };
      return new Response(JSON.stringify(body), { status, headers: { ...ours, ...headers } });
    },
  });
  const { idempotencyKey: _key, ...context } = createRequestContext({ epoch: 'e1' });
  return { exchanged, outcomes: client.batch(requests, context) };
}

test('S39 each record of the answer names the epoch that it is of, conflicts included', async () => {
  const taken = { type: 'urn:syncline:problem:version-conflict', current: live('2', 5) };
  const results = [
    { idempotencyKey: 'a', status: 201, record: live('1', 1) },
    { idempotencyKey: 'b', status: 412, problem: taken },
  ];
  const [created, refused] = await batchAnsweredWith(200, { results }, { 'Sync-Epoch': 'e1' }).outcomes;
  expect(created).toEqual({ idempotencyKey: 'a', record: { ...live('1', 1), epoch: 'e1' } });
  expect(refused).toMatchObject({ error: { code: 'conflict', current: { version: 5, epoch: 'e1' } } });
});

test('S37 each request travels with its own key, its patch or its entity, and its stamp', async () => {
  const { exchanged, outcomes } = batchAnsweredWith(200, { results: [] });
  expect(await outcomes).toEqual([]);
  const [{ url, init } = { url: '', init: {} }] = exchanged;
  expect({
    url,
    method: init.method,
    redirect: init.redirect,
    body: JSON.parse(init.body as string) as unknown,
  }).toEqual({
    url: 'https://api.example/v1/batch',
    method: 'POST',
    redirect: 'manual',
    body: {
      requests: [
        { ...requests[0], updatedAt: stamp },
        {
          idempotencyKey: 'b',
          type: 'update',
          collection,
          entityId: '2',
          baseVersion: 4,
          patch: [{ op: 'remove', path: '/x' }],
          updatedAt: stamp,
        },
        requests[2],
      ],
    },
  });
  expect(init.headers).toMatchObject({
    Authorization: `Bearer ${canary}`,
    'Sync-Client': 'client-1',
    'Sync-Epoch': 'e1',
  });
});

test('S37 results are matched by key: reordered, unknown, doubled and missing ones', async () => {
  const { outcomes } = batchAnsweredWith(200, {
    results: [
      { idempotencyKey: 'c', status: 204, record: tombstone },
      { idempotencyKey: 'unknown', status: 200, record: live('9', 1) },
      null,
      { status: 200 },
      { idempotencyKey: 'a', status: 201, record: live('1', 1) },
      { idempotencyKey: 'a', status: 500 },
    ],
  });
  expect(await outcomes).toEqual([
    { idempotencyKey: 'c', record: tombstone },
    { idempotencyKey: 'a', record: live('1', 1) },
  ]);
});

test('S37 a refusal of one member is what it would be alone', async () => {
  const problem = (code: string, more: object = {}) => ({
    type: `urn:syncline:problem:${code}`,
    title: `${canary}!`,
    ...more,
  });
  const { outcomes } = batchAnsweredWith(200, {
    results: [
      { idempotencyKey: 'a', status: 412, problem: problem('precondition-failed', { current: live('1', 3) }) },
      { idempotencyKey: 'b', status: 422, problem: problem('invalid-entity') },
      { idempotencyKey: 'c', status: 404, problem: problem('not-found') },
    ],
  });
  expect(await outcomes).toMatchObject([
    { idempotencyKey: 'a', error: { code: 'conflict', current: live('1', 3) } },
    { idempotencyKey: 'b', error: { code: 'rejected', status: 422, detail: { title: '[token]!' } } },
    { idempotencyKey: 'c', error: { code: 'not-found', status: 404 } },
  ]);
});

test('G12 a member without a valid record is not acknowledged', async () => {
  const { outcomes } = batchAnsweredWith(200, {
    results: [
      { idempotencyKey: 'a', status: 201, record: live('2', 1) },
      { idempotencyKey: 'b', status: 200, record: tombstone },
      { idempotencyKey: 'c', status: '204', record: tombstone },
    ],
  });
  const bad = { error: { code: 'bad-response' } };
  expect(await outcomes).toMatchObject([bad, bad, bad]);
});

test.each([
  [400, 'bad-response'],
  [403, 'bad-response'],
  [404, 'bad-response'],
  [409, 'bad-response'],
  [412, 'bad-response'],
  [422, 'bad-response'],
  [401, 'unauthorized'],
  [413, 'too-large'],
  [415, 'misconfigured'],
  [429, 'rate-limited'],
  [503, 'unavailable'],
  [200, 'bad-response'],
])('S37 a whole batch answered with %i is %s', async (status, code) => {
  await expect(batchAnsweredWith(status, {}).outcomes).rejects.toMatchObject({ code });
});

test('S39 a whole batch for another epoch is refused as such', async () => {
  const { outcomes } = batchAnsweredWith(409, { type: 'urn:syncline:problem:epoch-changed', epoch: 'e2' });
  await expect(outcomes).rejects.toMatchObject({ code: 'epoch-changed', epoch: 'e2' });
});
