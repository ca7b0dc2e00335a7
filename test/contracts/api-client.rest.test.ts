import { describe, expect, it } from 'vitest';
import { createRestApiClient } from '../../src/rest.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { runApiClientConformance } from '../../src/testing.ts';
import { declaredBy } from './declared.ts';

const common = {
  path: '/v1/{collection}/{id}',
  envelope: '/entity',
  update: 'json-patch',
  headers: { 'Sync-Client': 'contract' },
  idempotencyHeader: 'Idempotency-Key',
} as const;

async function startReferenceServer() {
  const server = await createSyncServer({ database: ':memory:' });
  const { url } = await server.listen(0);
  return { url, close: () => server.close() };
}

const runner = { describe, it };

async function startWithEntityTags() {
  const { url, close } = await startReferenceServer();
  return { client: createRestApiClient({ ...common, baseUrl: url }), close };
}

async function startWithVersions() {
  const { url, close } = await startReferenceServer();
  const client = createRestApiClient({
    ...common,
    baseUrl: url,
    version: { pointer: '/version' },
    sign: { header: 'Sync-Protocol', value: '1' },
    probe: '/v1/health?nonce=0123456789',
    list: {
      feed: 'cursor',
      path: '/v1/changes?collections={collection}&since={cursor}&limit={limit}',
      rows: '/changes',
      entity: '/entity',
      id: '/id',
      version: '/version',
      deleted: '/deleted',
      next: '/cursor',
      more: '/hasMore',
    },
  });
  return { client, close };
}

runApiClientConformance(startWithEntityTags, { name: 'REST on the reference server, entity tags', runner });

runApiClientConformance(startWithVersions, {
  name: 'REST on the reference server, versions in a field, every capability',
  runner,
});

it('declares what the rules above need', async () => {
  const opened = await Promise.all([startWithEntityTags(), startWithVersions()]);
  expect(opened.map(({ client }) => declaredBy(client))).toEqual([['idempotent'], ['idempotent', 'changes', 'probe']]);
  await Promise.all(opened.map(({ close }) => close()));
});
