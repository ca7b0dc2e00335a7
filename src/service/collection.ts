import type { Observable } from 'rxjs';
import type { Draft, ISyncEntity } from '../core/entity.ts';
import type { ServerRecord } from '../core/record.ts';

/** How an entity stands. `parked`: refused, or behind one that is. `unknown-entity`: not here, or deleted and acknowledged. */
export type EntityStatus = 'synced' | 'pending' | 'sending' | 'conflicted' | 'parked' | 'unknown-entity';

/** One local write. The view has changed already; the promises tell how far it has come. Neither raises an unhandled rejection. */
export interface Write<T> {
  /** Null: the entity was like that already, nothing was written. */
  readonly operationId: string | null;
  /** The local view after the write; null after a delete. */
  readonly entity: T | null;
  /** From here on no crash of the process loses it. Rejects with `storage-failed`. */
  readonly durable: Promise<void>;
  /** The backend's entity, possibly merged, null for a delete. Rejects when the operation is parked. Stays open offline. */
  readonly synced: Promise<T | null>;
}

/** What changed in one tick, keyed: `entity` null means removed. */
export type CollectionChange<T> = readonly { readonly id: string; readonly entity: T | null }[];

/** Which entities a query gives, in which order. */
export interface QueryOptions<T> {
  /** Runs only for entities that changed. Must depend on the entity alone. */
  where?: (entity: T) => boolean;
  /** Field to order by, or a comparison. Ties by id, absent values last. Default: by id, in code-unit order. */
  orderBy?: (keyof T & string) | { field: keyof T & string; direction?: 'asc' | 'desc' } | ((a: T, b: T) => number);
  /** Whole number from 0. Default: all. */
  limit?: number;
}

/** A query that is kept up to date while `result$` is observed. */
export interface LiveQuery<T> {
  get(): readonly T[];
  /** Current value first, then whenever the result changes. */
  readonly result$: Observable<readonly T[]>;
}

/** Top-level fields of an entity and their new values; undefined removes a field that may be absent. */
export type Changes<T> = {
  [K in keyof Omit<T, 'id'>]?: T[K & keyof T] | (object extends Pick<T, K & keyof T> ? undefined : never);
};

/** One collection, typed. Reads are synchronous and local. */
export interface Collection<T extends { id: string }> {
  /** As the app sees it, pending writes included. Undefined: not there, or deleted. */
  get(id: string): (T & ISyncEntity) | undefined;
  has(id: string): boolean;
  /** Ordered by id in code-unit order. */
  list(): readonly (T & ISyncEntity)[];
  count(): number;
  /** Creates or replaces. Throws `SyncError` on invalid input. */
  put(entity: Draft<T>): Write<T & ISyncEntity>;
  /** Replaces top-level fields (undefined removes one), or computes the next entity. Throws `unknown-entity`. */
  patch(id: string, change: Changes<T> | ((current: T & ISyncEntity) => Draft<T>)): Write<T & ISyncEntity>;
  /** Throws `SyncError` on an invalid id. Deleting what is not known here asks the backend. */
  delete(id: string): Write<T & ISyncEntity>;
  /** Current value first; after that whenever it changes. */
  entity$(id: string): Observable<(T & ISyncEntity) | undefined>;
  /** Current value first, in the order of `list`. Own writes are told at once, remote changes once per tick. */
  all$(): Observable<readonly (T & ISyncEntity)[]>;
  /** Own writes at once, remote changes once per tick; nothing at first. */
  readonly changes$: Observable<CollectionChange<T & ISyncEntity>>;
  status(id: string): EntityStatus;
  /** Current value first. */
  status$(id: string): Observable<EntityStatus>;
  /** Does nothing before it is read or observed. Throws `invalid-option` for an option that is none or of another kind. */
  query(options?: QueryOptions<T & ISyncEntity>): LiveQuery<T & ISyncEntity>;
  /** Fetches one entity from the backend and keeps it. Undefined: the backend does not have it. Rejects with `invalid-entity` when it does not fit the schema. */
  load(id: string): Promise<(T & ISyncEntity) | undefined>;
  /** One catch-up of this collection. Rejects with `unsupported` when the ApiClient has no `changes`. */
  pull(): Promise<void>;
  /**
   * Takes in records that the app fetched itself, all or, when one is no record or does not fit the schema, none: throws
   * `invalid-entity`. Resolves when they are stored. Rejects with `SyncError` where they are not taken in, as `unsupported` in a tab that
   * may not pass them on to the one that leads; that never counts as unhandled.
   */
  receive(records: readonly ServerRecord[]): Promise<void>;
}
