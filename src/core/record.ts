import type { ISyncEntity, Version } from './entity.ts';
import type { JsonPatch } from './json.ts';

/**
 * An entity as the backend holds it. `version` may be absent only with `detectConflicts: 'compare'`;
 * `entity` is null for a delete. Where the pages of `changes` name an epoch, records that are no part of a page name it
 * as well: a version means something only in the life of the data that gave it out.
 */
export interface ServerRecord {
  readonly entity: ISyncEntity | null;
  readonly version?: Version;
  readonly deleted?: boolean;
  /** Server time of the change, ISO 8601. */
  readonly updatedAt?: string;
  /** The life of the server's data that this is told in. */
  readonly epoch?: string;
}

/**
 * One change as the backend tells it. With a `patch`, `record.entity` may be null although `record.deleted` is not true:
 * the receiver that holds `baseVersion` applies the patch, any other fetches the entity.
 */
export interface RemoteChange {
  readonly collection: string;
  readonly id: string;
  readonly record: ServerRecord;
  readonly patch?: JsonPatch;
  readonly baseVersion?: Version;
  /** Key of the request that caused the change: how a client recognises its own. */
  readonly idempotencyKey?: string;
  readonly clientId?: string;
  /** Position of the change in the feed of its collection. */
  readonly cursor?: string;
}

/**
 * One page of the change feed of a collection. `snapshot: true` pages, up to `hasMore: false`, are complete: what they do not
 * mention is not there. They need not be one point in time: the feed is read again from the cursor of the first of them.
 */
export interface ChangePage {
  readonly changes: readonly RemoteChange[];
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly snapshot?: boolean;
  /** One life of the server's data. */
  readonly epoch?: string;
  /** On the last page of a snapshot: where the feed is read on from, when that is not the cursor of the first page. */
  readonly replayFrom?: string;
}
