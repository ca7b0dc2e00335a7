import {
  createHttpApiClient,
  createSyncService,
  type AnyCollections,
  type Clock,
  type ISyncService,
  type KeyValueStorage,
  type PageSignal,
  type SyncOptions,
  type TokenProvider,
} from '../../src/index.ts';
import {
  createMemoryStore,
  createSyncServer,
  type SyncServer,
  type SyncServerOptions,
} from '../../src/server/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createTestEnvironment } from '../../src/testing/environment/test-environment.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { createApi, type Api } from '../server/support/api.ts';
import { canary, keepInspected, searchService } from '../support/token-search.ts';
import { createGateway, type Gateway } from './gateway.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The whole library on time that stands still: service, HTTP client and server are the real ones, and the network between is a gateway. */
export interface FaultWorld {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly storage: KeyValueStorage;
  /** The server without the gateway. */
  api(): Api;
  setOnLine(onLine: boolean): void;
  signalPage(signal: PageSignal): void;
  /** A service of its own memory on the world's storage, ready. */
  open(options?: SyncOptions): Promise<ISyncService<AnyCollections>>;
  /** Someone else writes; null deletes. */
  edit(id: string, fields: Fields | null): Promise<void>;
  /** What the server has, without metadata; undefined: nothing. */
  entity(id: string): Promise<Fields | undefined>;
  /** The server's data begins a new life, empty, under this epoch. */
  replaceServer(epoch: string): Promise<void>;
  advance(ms: number): Promise<void>;
  /** The device is asleep: time passes, and no timer of it runs. */
  sleep(ms: number): void;
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface FaultWorldOptions {
  readonly server?: SyncServerOptions;
  readonly token?: TokenProvider;
  readonly storage?: KeyValueStorage;
  readonly random?: () => number;
  readonly onLine?: boolean;
}

/** The token of everybody else. */
export const othersToken = 'others';

const address = 'http://sync.test';
const as = { token: othersToken };
const pathOf = (id: string) => `/v1/tasks/${encodeURIComponent(id)}`;

export async function createFaultWorld(options: FaultWorldOptions = {}): Promise<FaultWorld> {
  const { token = () => canary, storage = createPlannedStorage(), ...rest } = options;
  const { environment, clock: timers, setOnLine, signalPage } = createTestEnvironment(rest);
  let sleptMs = 0;
  const clock = { ...timers, now: () => timers.now() + sleptMs };
  let server = await startServer('life-1');
  const gateway = createGateway(() => server, clock.now);
  const opened: ISyncService<AnyCollections>[] = [];
  let others = 0;

  function startServer(epoch: string): Promise<SyncServer> {
    return createSyncServer({
      database: createMemoryStore(epoch),
      clock,
      random: createSeededRandom(1).next,
      ...options.server,
    });
  }

  function api(): Api {
    others += 1;
    return createApi(server, `other-${others}`);
  }

  /** Runs the timer that is due next, if it is within the limit. */
  async function step(limitMs: number): Promise<boolean> {
    let hasRun = false;
    const wasRun = () => {
      const was = hasRun;
      hasRun = true;
      return was;
    };
    try {
      await timers.runUntil(wasRun, limitMs);
      return true;
    } catch (error) {
      if ((error as Error).message.startsWith('Still not so')) return false;
      throw error;
    }
  }

  async function advance(ms: number): Promise<void> {
    const untilMs = clock.now() + ms;
    await gateway.idle();
    while (await step(untilMs - clock.now())) await gateway.idle();
    await timers.advance(untilMs - clock.now());
    await gateway.idle();
  }

  return {
    clock,
    gateway,
    storage,
    api,
    setOnLine,
    signalPage,
    async open(given) {
      const apiClient = createHttpApiClient({
        url: address,
        fetch: gateway.fetch,
        clock,
        token,
      });
      const sync = createSyncService(apiClient, {
        storage,
        environment: { ...environment, clock },
        inspect: keepInspected,
        ...given,
      });
      opened.push(sync);
      searchService(sync, storage);
      await sync.ready;
      await advance(0);
      return sync;
    },
    async edit(id, fields) {
      const path = pathOf(id);
      const { status, body } = await api().get(path, as);
      const { version } = body as { version: number };
      if (fields === null) await api().remove(path, version, as);
      else if (status === 200) await api().replace(path, version, { ...fields, id }, as);
      else await api().create(path, { ...fields, id }, as);
    },
    async entity(id) {
      const { status, body } = await api().get(pathOf(id), as);
      if (status !== 200) return undefined;
      const { updatedAt: _, version: __, ...fields } = (body as { entity: Fields }).entity;
      return fields;
    },
    async replaceServer(epoch) {
      await server.close();
      server = await startServer(epoch);
    },
    advance,
    sleep(ms) {
      sleptMs += ms;
    },
    settle: () => advance(0),
    async close() {
      const closed = Promise.all(opened.map((sync) => sync.close()));
      await advance(60_000);
      await closed;
      await server.close();
    },
  };
}
