export { createSyncServer, type SyncServer } from './sync-server.ts';
export type { Authenticate, Authorize, Principal, SyncServerOptions } from './options.ts';
export type { Limits } from './limits.ts';
