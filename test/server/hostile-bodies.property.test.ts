import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { parseFrame } from '../../src/server/sockets/frames.ts';
import { expectBuiltInsUntouched, hostileInputs, hostileToken, hostileValue, textOf } from '../core/hostile.ts';
import { expectSeen, runAsyncProperty, runProperty } from '../core/run-property.ts';
import { startTestServer } from './support/test-server.ts';

const ids = ['1', '2'];
const rarely = { weight: 1, arbitrary: hostileValue };
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ids) },
  { weight: 1, arbitrary: hostileToken.filter((token) => token !== '') },
);
const value = fc.oneof({ weight: 8, arbitrary: fc.constantFrom<Json>(null, 1, 'x', {}, []) }, rarely);
const version = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, 1e300, '1') },
);
const entity = fc.oneof(
  { weight: 3, arbitrary: fc.record({ id, updatedAt: value, title: value }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.record({ title: fc.oneof(fc.string(), fc.constantFrom(null, {}, [])) }) },
  rarely,
);
const pointer = fc.oneof(
  fc.constantFrom('', '/title', '/id', '/list/-', '/__proto__/x', '/constructor/prototype/x', '/version'),
  fc.array(hostileToken, { maxLength: 3 }).map((tokens) => tokens.map((token) => `/${token}`).join('')),
  fc.string(),
);
const patch = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(
      fc.record(
        {
          op: fc.constantFrom('add', 'replace', 'remove', 'move', 'copy', 'test', '_get'),
          path: pointer,
          from: pointer,
          value,
        },
        { requiredKeys: ['op', 'path'] },
      ),
      { maxLength: 4 },
    ),
  },
  rarely,
);
const key = fc.uuid();
const item = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        idempotencyKey: key,
        type: fc.constantFrom('create', 'update', 'delete', 'constructor'),
        collection: fc.constantFrom('notes', '__proto__'),
        entityId: id,
        entity,
        patch,
        baseVersion: fc.oneof(version, fc.constant(null)),
      },
      { requiredKeys: ['idempotencyKey', 'type', 'collection', 'entityId'] },
    ),
  },
  rarely,
);
const cutText = (whole: fc.Arbitrary<unknown>) =>
  fc
    .tuple(whole.map(textOf), fc.option(fc.nat(), { freq: 8 }))
    .map(([text, at]) => (at === null ? text : text.slice(0, at % (text.length + 1))));

const json = 'application/json';
const request = fc.oneof(
  fc.record({
    method: fc.constant('PUT'),
    type: fc.constant(json),
    match: fc.constant({ 'if-none-match': '*' }),
    body: cutText(entity),
  }),
  fc.record({
    method: fc.constant('PUT'),
    type: fc.constant(json),
    match: version.map((each) => ({ 'if-match': `"${each}"` })),
    body: cutText(entity),
  }),
  fc.record({
    method: fc.constant('PATCH'),
    type: fc.constant('application/json-patch+json'),
    match: version.map((each) => ({ 'if-match': `"${each}"` })),
    body: cutText(patch),
  }),
  fc.record({
    method: fc.constant('PATCH'),
    type: fc.constant('application/merge-patch+json'),
    match: version.map((each) => ({ 'if-match': `"${each}"` })),
    body: cutText(entity),
  }),
  fc.record({
    method: fc.constant('POST'),
    type: fc.constant(json),
    match: fc.constant({}),
    body: cutText(fc.record({ requests: fc.oneof(fc.array(item, { maxLength: 4 }), hostileValue) })),
  }),
);

test('G22 no body does harm to a server: it is applied or refused with a problem, and the next one is answered', async () => {
  const counts = { applied: 0, refused: 0 };
  const least = 4;
  await runAsyncProperty(
    fc.asyncProperty(fc.array(fc.tuple(request, id), { minLength: least, maxLength: 8 }), async (requests) => {
      const { api, server, failures } = await startTestServer();
      for (const each of ids) await api.create(`/v1/notes/${each}`, { id: each, title: 'there', list: [] });
      for (const [{ method, type, match, body }, at] of requests) {
        const path = method === 'POST' ? '/v1/batch' : `/v1/notes/${encodeURIComponent(at)}`;
        const answer = await api.send(method, path, { headers: { 'content-type': type, ...match }, body });
        expectBuiltInsUntouched();
        counts[answer.status < 300 ? 'applied' : 'refused'] += 1;
        if (answer.status < 300) continue;
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).toMatchObject({
          type: expect.stringMatching(/^urn:syncline:problem:/),
          status: answer.status,
        });
      }
      expect([200, 410]).toContain((await api.get('/v1/notes/1')).status);
      expect(failures).toEqual([]);
      await server.close();
    }),
    hostileInputs / least,
  );
  expectSeen(counts.applied + counts.refused, hostileInputs);
  expectSeen(Math.min(counts.applied, counts.refused), 200);
});

test('G22 no frame does harm to a server: it is read as one of its kinds, or not at all', () => {
  const text = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('notes', 'notes/1', '', null) },
    { weight: 2, arbitrary: hostileToken },
    rarely,
  );
  const wanted = fc.oneof(text, fc.record({ channel: text, cursor: text }, { requiredKeys: ['channel'] }));
  const frame = fc.record(
    {
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom('hello', 'subscribe', 'unsubscribe', 'auth', 'ping', 'toString') },
        rarely,
      ),
      token: text,
      clientId: text,
      epoch: text,
      channels: fc.oneof({ weight: 8, arbitrary: fc.array(wanted, { maxLength: 2 }) }, rarely),
    },
    { requiredKeys: ['type'] },
  );
  const counts = { read: 0, malformed: 0 };
  runProperty(
    fc.property(cutText(frame), (text) => {
      const read = parseFrame(text);
      expectBuiltInsUntouched();
      counts[read ? 'read' : 'malformed'] += 1;
      if (read) expect(['hello', 'subscribe', 'unsubscribe', 'auth', 'ping', 'pong', 'unknown']).toContain(read.type);
      if (read?.type === 'hello') expect(read.channels.every((each) => typeof each.channel === 'string')).toBe(true);
    }),
    hostileInputs,
  );
  expectSeen(Math.min(counts.read, counts.malformed), 500);
});
