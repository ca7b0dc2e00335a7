export { createSyncServer, type SyncServer } from './sync-server.ts';
export type { Authenticate, Authorize, Principal, SyncServerOptions } from './options.ts';
export type { Limits } from './limits.ts';
export { createMemoryStore } from './adapters/memory-store.ts';
export { createLocalFanOut } from './adapters/local-fan-out.ts';
export type {
  EntityPosition,
  Expiry,
  FeedBounds,
  FeedChange,
  Store,
  StoredAnswer,
  StoredChange,
  StoredEntity,
  StoredRepeat,
  StoreReader,
  StoreTransaction,
} from './ports/store.ts';
export type { FanOut } from './ports/fan-out.ts';
export type { EntityJson, RecordJson } from './record-json.ts';
