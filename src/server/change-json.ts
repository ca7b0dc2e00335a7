import type { JsonPatch } from '../core/json.ts';
import type { StoredChange, StoredEntity } from './ports/store.ts';
import { toEntityJson, type EntityJson } from './record-json.ts';

/** One change as it travels in the feed and, with `seq` and `prev`, in `change` frames. */
export interface ChangeJson {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly baseVersion: number | null;
  readonly deleted: boolean;
  /** Either the entity, null when it is deleted, or the patch from `baseVersion`. */
  readonly entity?: EntityJson | null;
  readonly patch?: JsonPatch;
  readonly idempotencyKey: string;
  readonly clientId: string;
  readonly updatedAt: string;
  /** Where to go on reading after this change; absent in snapshots. */
  readonly cursor?: string;
}

const origin = ({ collection, id, version, idempotencyKey, clientId, updatedAt }: StoredEntity) => ({
  collection,
  id,
  version,
  idempotencyKey,
  clientId,
  updatedAt,
});

/** The change with the whole entity. */
export function toChangeJson(change: StoredChange): ChangeJson {
  return {
    ...origin(change),
    baseVersion: change.baseVersion,
    deleted: change.entity === null,
    entity: toEntityJson(change),
  };
}

/** The same change for a receiver that holds `baseVersion`. */
export function toPatchJson(change: StoredChange, patch: JsonPatch): ChangeJson {
  return { ...origin(change), baseVersion: change.baseVersion, deleted: false, patch };
}

/** The change for a reader who could see the entity before it and cannot after it. */
export function toRemovalJson(change: StoredChange): ChangeJson {
  return { ...origin(change), baseVersion: change.baseVersion, deleted: true, entity: null };
}

/** An entity as it stands, as a change that has no place in the feed. */
export function toSnapshotJson(stored: StoredEntity): ChangeJson {
  return { ...origin(stored), baseVersion: null, deleted: false, entity: toEntityJson(stored) };
}
