import type { ConflictRecord } from '../core/conflict.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { ISyncOperation } from '../core/operation.ts';

/** What happened, for logs and notices. State is in {@link SyncState}; these are moments. */
export type SyncEvent =
  /** The backend took it. */
  | { readonly type: 'operation.acknowledged'; readonly operation: ISyncOperation }
  /** It ended without being taken: the remote side was kept, the backend was there already, or a deletion came before it was sent. */
  | { readonly type: 'operation.superseded'; readonly operation: ISyncOperation }
  | { readonly type: 'operation.parked'; readonly operation: ISyncOperation; readonly error: SyncErrorInfo }
  | { readonly type: 'operation.discarded'; readonly operation: ISyncOperation }
  | { readonly type: 'conflict.detected'; readonly conflict: ConflictRecord }
  | { readonly type: 'conflict.resolved'; readonly conflict: ConflictRecord }
  | { readonly type: 'storage.failed'; readonly error: SyncErrorInfo }
  | { readonly type: 'storage.lost'; readonly error: SyncErrorInfo }
  | { readonly type: 'record.quarantined'; readonly key: string; readonly error: SyncErrorInfo }
  /** The backend does not bring this channel (`users` or `users/42`) over the socket: it is polled, and asked for again with the next connection. */
  | { readonly type: 'channel.refused'; readonly channel: string; readonly error: SyncErrorInfo }
  /** The server's data began a new life. Versions may come again: what forms were opened with has to be read anew. */
  | { readonly type: 'server.reset'; readonly epoch: string | null };
