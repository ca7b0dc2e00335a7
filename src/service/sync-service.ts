import type { Observable, Subscribable } from 'rxjs';
import type { AnyActorRef } from 'xstate';
import type { Draft, ISyncEntity } from '../core/entity.ts';
import type { Collection } from './collection.ts';
import type { IConflictLog } from './conflict-log.ts';
import type { SyncEvent } from './events.ts';
import type { IOfflineQueue } from './offline-queue.ts';
import type { IRealTimeSync } from './real-time-sync.ts';
import type { SyncState } from './state.ts';

/** Entity types by collection, as any interface or type literal whose members have an `id`. */
export type Collections<C> = { readonly [K in keyof C]: { id: string } };

/** The default: any collection, entities untyped. */
// oxlint-disable-next-line no-explicit-any
export type AnyCollections = { [collection: string]: any };

/** What reads of a collection give. */
export type EntityOf<C, K extends keyof C> = C[K] & ISyncEntity;

/** How long `syncEntity` and `deleteEntity` wait. Without `until` that follows from whether the service can send. */
export interface WriteOptions {
  /** `'durable'`: resolve with the local entity once it is stored. `'synced'`: wait for the backend, however long. */
  until?: 'durable' | 'synced';
  signal?: AbortSignal;
}

/** Local data that is kept in step with a backend. Every call is legal at once; the first one starts the service. */
export interface ISyncService<C extends Collections<C> = AnyCollections> {
  /**
   * Creates or updates. Resolves with the backend's entity while the service can send; with the local one, once durable,
   * when it cannot. Rejects with `SyncError`: invalid input, `parked`, `conflict-open`.
   */
  syncEntity<K extends keyof C & string>(
    collection: K,
    entity: Draft<C[K]>,
    options?: WriteOptions,
  ): Promise<EntityOf<C, K>>;
  /** Deletes. Resolves and rejects as `syncEntity` does. */
  deleteEntity<K extends keyof C & string>(collection: K, id: string, options?: WriteOptions): Promise<void>;
  /** The same object for the same name. Throws `invalid-collection`. */
  collection<K extends keyof C & string>(name: K): Collection<C[K]>;
  /** One journal record, one notification, all or nothing on disk. On the backend the operations are separate. */
  batch<R>(run: () => R): R;

  /** Whether the backend itself has answered: not `navigator.onLine`. */
  isOnline(): boolean;
  /** Holds a connection, or polls where the backend has none, until `disableRealTime`. Idempotent. */
  enableRealTime(): void;
  disableRealTime(): void;
  readonly realTime: IRealTimeSync<C>;
  readonly queue: IOfflineQueue;
  readonly conflicts: IConflictLog;

  /** The same object until something changes. */
  getSnapshot(): SyncState;
  /** Told at most once per tick. Returns its end. */
  subscribe(listener: (state: SyncState) => void): () => void;
  /** Current value first; at most one emission per tick. Ends with the service. */
  readonly state$: Observable<SyncState>;
  /** What happens, as it happens. Ends with the service. */
  readonly events$: Observable<SyncEvent>;

  /** Starts now instead of with the first call. Idempotent. */
  start(): void;
  /** Local data is loaded. Says nothing of the network. */
  readonly ready: Promise<void>;
  /** One catch-up of all followed collections. */
  pull(): Promise<void>;
  /** Sends now; resolves when nothing is left that could be sent. Stays open offline. */
  flush(options?: { signal?: AbortSignal }): Promise<void>;
  /** Resolves when the service, a collection or an entity has nothing unsettled. */
  whenSynced(collection?: keyof C & string, id?: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** Sends nothing until `resume`, in all tabs; reading goes on. */
  pause(): void;
  resume(): void;
  /** Wakes `needs-auth`. */
  authRenewed(): void;
  /**
   * Ends the service in all tabs of the user. `'keep'` (default) leaves data and queue on the disk; `'discard'` and `'export'` remove both, and
   * `'export'` resolves with the operations as JSON. Rejects with `invalid-option` for any other word.
   */
  signOut(options?: { pending?: 'keep' | 'discard' | 'export' }): Promise<string | undefined>;
  /** Idempotent; waits for the storage, leaves no timer, socket or listener. Open operations stay on disk. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  readonly [Symbol.observable]: () => Subscribable<SyncState>;
  /** The root XState actor, for inspection. */
  readonly actor: AnyActorRef;
}
