import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SyncError } from '../../../src/index.ts';
import { createRestApiClient, type RestApiClientOptions } from '../../../src/rest.ts';
import { createRequestContext } from '../../support/request-context.ts';
import { expectBuiltInsUntouched, hostileInputs, hostileValue, textOf } from '../../core/hostile.ts';
import { expectSeen, runAsyncProperty } from '../../core/run-property.ts';

const entity = { id: '1', updatedAt: '2026-01-01T00:00:00.000Z' };
const context = createRequestContext();
const json = 'application/json';

/** Everything that a client can be asked, answered alike; a failure is its result. */
async function attemptAll(answer: Response, options: Partial<RestApiClientOptions> = {}): Promise<readonly unknown[]> {
  const client = createRestApiClient({
    baseUrl: 'https://api.example.com',
    fetch: async () => answer.clone(),
    list: {},
    ...options,
  });
  const calls = [
    client.get('notes', '1', context),
    client.create('notes', entity, context),
    client.update('notes', '1', { patch: [], entity, baseVersion: '"1"' }, context),
    client.delete('notes', '1', { baseVersion: '"1"' }, context),
    client.changes!('notes', { cursor: null, limit: 10 }, context),
  ];
  return Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
}

const texts = fc.oneof(fc.json(), fc.string(), fc.constantFrom(JSON.stringify(entity), '<html></html>', '{"id":"1"'));
const headers = fc.dictionary(
  fc.constantFrom('ETag', 'Server', 'Via', 'Age', 'Date', 'Link', 'Retry-After'),
  fc.stringMatching(/^[ -~]{0,20}$/),
);

test('G12 without the sign that a backend is known by, nothing is acknowledged', async () => {
  await runAsyncProperty(
    fc.asyncProperty(
      fc.constantFrom(200, 201),
      headers,
      fc.constantFrom(undefined, 'theirs', ''),
      texts,
      async (status, more, sign, text) => {
        const signed = { ...more, 'Content-Type': json, ...(sign === undefined ? {} : { 'X-Backend': sign }) };
        const results = await attemptAll(new Response(text, { status, headers: signed }), {
          sign: { header: 'X-Backend', value: 'ours' },
        });
        expect(results.every((result) => result instanceof SyncError)).toBe(true);
      },
    ),
    500,
  );
});

test('G12 HTML, text and unusual successes acknowledge nothing, whatever is in them', async () => {
  const unusual = fc.oneof(
    fc.tuple(
      fc.constantFrom(200, 201),
      fc.constantFrom('text/html', 'application/xhtml+xml', 'text/plain', 'image/png'),
    ),
    fc.tuple(fc.constantFrom(202, 203, 206, 207, 226), fc.constantFrom(json, 'text/html')),
  );
  await runAsyncProperty(
    fc.asyncProperty(
      unusual,
      headers,
      texts.filter((text) => text !== ''),
      async ([status, type], more, text) => {
        const results = await attemptAll(new Response(text, { status, headers: { ...more, 'Content-Type': type } }));
        expect(results.every((result) => result instanceof SyncError)).toBe(true);
      },
    ),
    500,
  );
});

test('G12 G22 no JSON but this entity acknowledges a write, and no JSON does more than fail', async () => {
  const near = fc.record(
    {
      id: fc.oneof(fc.jsonValue(), fc.constant('1')),
      updatedAt: fc.oneof(fc.jsonValue(), fc.constant(entity.updatedAt)),
      title: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const hostile = fc.oneof(
    hostileValue,
    hostileValue.map((value) => ({ ...entity, title: value })),
  );
  let acknowledged = 0;
  await runAsyncProperty(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), near, fc.array(near), hostile), async (value) => {
      const text = textOf(value);
      const results = await attemptAll(new Response(text, { headers: { 'Content-Type': json, ETag: '"2"' } }));
      const [read, created, updated] = results;
      for (const result of [read, created, updated]) {
        if (result instanceof SyncError) continue;
        acknowledged += 1;
        expect(result).toMatchObject({
          version: '"2"',
          entity: { id: '1', version: '"2"', updatedAt: expect.any(String) },
        });
      }
      expect(results.every((result) => !(result instanceof Error) || result instanceof SyncError)).toBe(true);
      expectBuiltInsUntouched();
    }),
    hostileInputs,
    [[entity]],
  );
  expectSeen(acknowledged, 10);
});

test('G7 G12 a refusal in text, HTML or bytes settles nothing: each call is tried again', async () => {
  const retried = new Set([
    'bad-response',
    'captive-portal',
    'unavailable',
    'unauthorized',
    'rate-limited',
    'too-large',
  ]);
  await runAsyncProperty(
    fc.asyncProperty(
      fc.integer({ min: 400, max: 599 }),
      fc.constantFrom('text/html', 'text/plain', 'application/xml', 'image/png'),
      headers,
      fc.string({ minLength: 1 }),
      async (status, type, more, text) => {
        const results = await attemptAll(new Response(text, { status, headers: { ...more, 'Content-Type': type } }));
        const codes = results.map((result) => (result instanceof SyncError ? result.code : result));
        expect(codes.filter((code) => typeof code !== 'string' || !retried.has(code))).toEqual([]);
      },
    ),
    500,
  );
});
