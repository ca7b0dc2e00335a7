import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { RequestContext } from '../../src/ports/api-client.ts';
import { createRequestContext } from '../support/request-context.ts';
import { expectBuiltInsUntouched, hostileInputs, hostileValue, textOf } from '../core/hostile.ts';
import { expectSeen, runAsyncProperty } from '../core/run-property.ts';

const stamp = '2026-01-01T00:00:00.000Z';
const entity = { id: '1', updatedAt: stamp };
const valid = { entity: { ...entity, version: 1 }, version: 1, deleted: false, updatedAt: stamp };

const clientFor = (answer: Response) =>
  createHttpApiClient({ url: 'https://api.example', fetch: async () => answer.clone() });

async function attemptAll(answer: Response): Promise<readonly unknown[]> {
  const client = clientFor(answer);
  const context: RequestContext = createRequestContext();
  const change = { patch: [], entity, baseVersion: 1 } as const;
  const { idempotencyKey: _key, ...shared } = context;
  const calls = [
    client.create('notes', entity, context),
    client.update('notes', '1', change, context),
    client.delete('notes', '1', { baseVersion: 1 }, context),
    client.batch(
      [{ idempotencyKey: 'k', type: 'create', collection: 'notes', entityId: '1', entity, baseVersion: null }],
      shared,
    ),
    client.probe(context),
  ];
  return Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
}

const contentTypes = ['application/json', 'application/problem+json', 'text/html', 'text/plain', ''];
const headerName = fc.constantFrom('ETag', 'Server', 'Via', 'X-Cache', 'Age', 'Date', 'Sync-Epoch', 'Retry-After');
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc.constant(JSON.stringify(valid)),
  fc.constant('<html></html>'),
  fc.constant(''),
);

test('G12 no 2xx without the sign of the backend acknowledges anything', async () => {
  await runAsyncProperty(
    fc.asyncProperty(
      fc.constantFrom(200, 201, 202, 203, 206),
      fc.constantFrom(...contentTypes),
      fc.dictionary(headerName, fc.stringMatching(/^[ -~]{0,20}$/)),
      fc.constantFrom(undefined, '0', '2', 'true', ''),
      body,
      async (status, contentType, headers, sign, text) => {
        const all = {
          ...headers,
          'Content-Type': contentType,
          ...(sign === undefined ? {} : { 'Sync-Protocol': sign }),
        };
        const results = await attemptAll(new Response(text, { status, headers: all }));
        expect(results.every((result) => result instanceof SyncError)).toBe(true);
      },
    ),
  );
});

test('G12 G22 no body but a valid record acknowledges a write, even with the sign, and none does harm', async () => {
  const rarely = { weight: 1, arbitrary: hostileValue };
  const near = fc.record(
    {
      entity: fc.oneof(
        { weight: 4, arbitrary: fc.jsonValue() },
        { weight: 4, arbitrary: fc.constant(valid.entity) },
        rarely,
      ),
      version: fc.oneof({ weight: 8, arbitrary: fc.jsonValue() }, rarely),
      deleted: fc.jsonValue(),
      updatedAt: fc.oneof(fc.jsonValue(), fc.constant(stamp)),
    },
    { requiredKeys: [] },
  );
  const headers = { 'Content-Type': 'application/json', 'Sync-Protocol': '1' };
  let acknowledged = 0;
  await runAsyncProperty(
    fc.asyncProperty(
      fc.oneof({ weight: 4, arbitrary: fc.jsonValue() }, { weight: 4, arbitrary: near }, rarely),
      async (value) => {
        const [created, updated, deleted, batched, probed] = await attemptAll(new Response(textOf(value), { headers }));
        for (const result of [created, updated]) {
          if (result instanceof SyncError) continue;
          acknowledged += 1;
          const { entity: told, version } = result as typeof valid;
          expect(told).toMatchObject({ id: '1', version });
          expect(['string', 'number']).toContain(typeof version);
        }
        expect([deleted, batched, probed].every((result) => result instanceof SyncError)).toBe(true);
        expectBuiltInsUntouched();
      },
    ),
    hostileInputs,
    [[valid]],
  );
  expectSeen(acknowledged, 3);
});
