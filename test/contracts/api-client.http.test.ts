import { describe, expect, it } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { runApiClientConformance } from '../../src/testing.ts';
import { createRequestContext } from '../support/request-context.ts';
import { declaredBy } from './declared.ts';

async function start() {
  const server = await createSyncServer({ database: ':memory:' });
  const { url } = await server.listen(0);
  return { client: createHttpApiClient({ url }), close: () => server.close() };
}

runApiClientConformance(start, {
  name: 'HTTP on the reference server',
  runner: { describe, it },
});

it('S6 the client declares every capability, and the feed names key, client and base of every change', async () => {
  const { client, close } = await start();
  expect(declaredBy(client)).toEqual(['idempotent', 'orderedVersions', 'batch', 'changes', 'probe']);
  const context = (idempotencyKey: string) => createRequestContext({ idempotencyKey, clientId: 'the-writer' });
  const entity = { id: 'a', title: 'first', updatedAt: '2020-01-01T00:00:00.000Z' };
  const { version: baseVersion = null } = await client.create('notes', entity, context('k1'));
  const { cursor } = await client.changes('notes', { cursor: null, limit: 10 }, context('read'));
  const patch = [{ op: 'replace', path: '/title', value: 'second' }] as const;
  await client.update(
    'notes',
    'a',
    { patch, entity: { ...entity, title: 'second' } as never, baseVersion },
    context('k2'),
  );
  const { changes } = await client.changes('notes', { cursor, limit: 10 }, context('read'));
  expect(changes).toMatchObject([{ id: 'a', idempotencyKey: 'k2', clientId: 'the-writer', baseVersion }]);
  await close();
});
