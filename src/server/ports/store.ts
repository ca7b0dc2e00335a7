import type { JsonObject, JsonPatch } from '../../core/json.ts';
import type { RecordJson } from '../record-json.ts';

/** An entity as stored, without metadata inside; `entity: null` is a tombstone. */
export interface StoredEntity {
  readonly collection: string;
  readonly id: string;
  /** 1, 2, 3 … per entity; goes on above a tombstone's. */
  readonly version: number;
  readonly entity: JsonObject | null;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Of the request that made this version. */
  readonly idempotencyKey: string;
  readonly clientId: string;
}

/** What a repeat of an applied request is answered with. */
export interface StoredAnswer {
  readonly status: 200 | 201 | 204;
  readonly record: RecordJson;
}

/** The binding of a key to an applied outcome (S4). Keys are scoped by principal. */
export interface StoredRepeat {
  readonly principal: string;
  readonly key: string;
  /** Hash of the request's content. */
  readonly fingerprint: string;
  readonly answer: StoredAnswer;
  readonly appliedAtMs: number;
}

/** One row of the change feed. */
export interface FeedChange extends StoredEntity {
  /** Null: the entity was never there before. */
  readonly baseVersion: number | null;
  /** The entity before the change; null: absent or deleted. Who could read only this sees a removal. */
  readonly before: JsonObject | null;
  /** From `before` to `entity`; null where one of them is null. */
  readonly patch: JsonPatch | null;
  readonly committedAtMs: number;
}

/** One row of the change feed, with its place in it. */
export interface StoredChange extends FeedChange {
  /** Position in the feed: grows in commit order. */
  readonly seq: number;
}

/** Changes with `seq > floor` and `seq <= head` are there, all of them. */
export interface FeedBounds {
  readonly floor: number;
  readonly head: number;
}

/** A place in the fixed order of entities. */
export interface EntityPosition {
  readonly collection: string;
  readonly id: string;
}

/** Everything read through one reader belongs to one point in time. */
export interface StoreReader {
  entity(collection: string, id: string): Promise<StoredEntity | null>;
  repeat(principal: string, key: string): Promise<StoredRepeat | null>;
  bounds(): Promise<FeedBounds>;
  /** In feed order. `collections: null` means all. */
  changes(query: {
    readonly after: number;
    readonly limit: number;
    readonly collections: readonly string[] | null;
  }): Promise<StoredChange[]>;
  /** Entities that are not deleted, in one fixed order of (collection, id), after a position. */
  entities(query: {
    readonly after: EntityPosition | null;
    readonly limit: number;
    readonly collections: readonly string[] | null;
  }): Promise<StoredEntity[]>;
}

/** Writes that are stored together, and reads that see them. */
export interface StoreTransaction extends StoreReader {
  putEntity(entity: StoredEntity): Promise<void>;
  /** Resolves with the change's position. */
  appendChange(change: FeedChange): Promise<number>;
  putRepeat(repeat: StoredRepeat): Promise<void>;
  /** All or nothing: when `work` rejects, only what it wrote is undone. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** What may be forgotten. */
export interface Expiry {
  readonly changesBeforeMs: number;
  readonly maxChanges: number;
  readonly repeatsBeforeMs: number;
  /** At most so many rows of each kind go at once. */
  readonly limit: number;
}

/**
 * Where a server keeps its data.
 *
 * Contract (checked by the store contract suite):
 * - write transactions happen one after the other; the feed's order is their commit order, also across processes;
 * - a transaction whose work rejects leaves nothing behind; one that resolved survives a crash of the process;
 * - a reader never sees half a transaction;
 * - `work` awaits nothing but the calls of its own reader or transaction: others wait for it.
 */
export interface Store {
  /** One life of the data: another one after the data was lost or replaced. */
  readonly epoch: string;
  read<T>(work: (reader: StoreReader) => Promise<T>): Promise<T>;
  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** Forgets old changes and repeats; resolves with the number of rows that went. */
  expire(expiry: Expiry): Promise<number>;
  /** Idempotent. Waits for what is under way. */
  close(): Promise<void>;
}
