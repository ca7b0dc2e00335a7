import { createHttpApiClient, createSyncService, type BuiltInStrategy, type ISyncService } from 'syncline';
import type { NetworkSwitch } from './network-switch.ts';
import type { Task } from './task.ts';

/** The collections of the board. */
export interface BoardCollections {
  tasks: Task;
}

export type BoardService = ISyncService<BoardCollections>;

/** A service with a storage of its own, over a cable of its own, in real time. */
export function createBoardService(client: string, network: NetworkSwitch, conflict: BuiltInStrategy): BoardService {
  const backend = createHttpApiClient({
    url: location.origin,
    fetch: network.fetch,
    WebSocket: network.WebSocket,
  });
  const sync = createSyncService<BoardCollections>(backend, {
    name: client,
    conflict,
    collections: { tasks: { fields: { '/tags': 'union' } } },
    environment: { network: network.signals },
    retry: { baseMs: 200, maxMs: 2_000 },
  });
  sync.enableRealTime();
  return sync;
}
