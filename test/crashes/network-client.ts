import { createHttpApiClient, createSyncService, type AnyCollections, type ISyncService } from '../../src/index.ts';
import { createFileStorage } from '../../src/node/index.ts';
import { collections, createWorkload, type Workload } from './workload.ts';

/** A client in this process, on files, that is closed and opened again. */
export interface NetworkClient {
  readonly name: string;
  readonly sync: ISyncService<AnyCollections>;
  readonly workload: Workload;
  /** Closes it as it stands and opens it again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Impatient, so that a test sees many attempts. */
const options = { collections, retry: { baseMs: 20, maxMs: 200 }, requestTimeoutMs: 500 } as const;

/** Opens a client whose data is in `folder`. */
export function openNetworkClient(name: string, url: string, folder: string): NetworkClient {
  let life = 0;
  const open = () => {
    life += 1;
    const sync = createSyncService(createHttpApiClient({ url }), { ...options, storage: createFileStorage(folder) });
    sync.enableRealTime();
    return { sync, workload: createWorkload(sync, `${name}${life}`) };
  };
  let opened = open();
  return {
    name,
    get sync() {
      return opened.sync;
    },
    get workload() {
      return opened.workload;
    },
    async reopen() {
      await opened.sync.close();
      opened = open();
      await opened.sync.ready;
    },
    close: () => opened.sync.close(),
  };
}
