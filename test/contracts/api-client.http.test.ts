import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { describeApiClient } from './api-client.contract.ts';

describeApiClient(
  'HTTP on the reference server',
  async () => {
    const server = await createSyncServer({ database: ':memory:' });
    const { url } = await server.listen(0);
    return { client: createHttpApiClient({ url }), close: () => server.close() };
  },
  { idempotent: true, batch: true, changes: true, probe: true },
);
