import {
  createMemoryStore,
  createSyncServer,
  type SyncServer,
  type SyncServerOptions,
} from '../../../src/server/index.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { createApi, type Api } from './api.ts';

export interface TestServer {
  readonly server: SyncServer;
  readonly api: Api;
  readonly clock: VirtualClock;
  /** What the server could not explain to its clients. */
  readonly failures: readonly unknown[];
}

/** A server whose time stands still and whose data lives in memory under the epoch `life-1`. */
export async function startTestServer(options: SyncServerOptions = {}): Promise<TestServer> {
  const clock = createVirtualClock();
  const failures: unknown[] = [];
  const server = await createSyncServer({
    database: createMemoryStore('life-1'),
    clock,
    random: createSeededRandom(1).next,
    reportFailure: (error) => failures.push(error),
    ...options,
  });
  return { server, api: createApi(server), clock, failures };
}
