import { createRestApiClient } from '../../src/rest.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { describeApiClient } from './api-client.contract.ts';

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

describeApiClient(
  'REST on the reference server, entity tags',
  async () => {
    const { url, close } = await startReferenceServer();
    return { client: createRestApiClient({ ...common, baseUrl: url }), close };
  },
  { idempotent: true },
);

describeApiClient(
  'REST on the reference server, versions in a field, every capability',
  async () => {
    const { url, close } = await startReferenceServer();
    const client = createRestApiClient({
      ...common,
      baseUrl: url,
      version: { pointer: '/version' },
      sign: { header: 'Sync-Protocol', value: '1' },
      probe: '/v1/health?nonce=0123456789',
    });
    return { client, close };
  },
  { idempotent: true, probe: true },
);
