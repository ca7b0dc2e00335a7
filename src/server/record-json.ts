import type { ISyncEntity } from '../core/entity.ts';
import type { JsonObject } from '../core/json.ts';
import type { StoredEntity } from './ports/store.ts';

/** An entity with the metadata that the server sets: `updatedAt` and `version`. */
export type EntityJson = ISyncEntity & JsonObject;

/** A record as it travels: in answers, in 412 problems, in batch results. */
export interface RecordJson {
  readonly entity: EntityJson | null;
  readonly version: number;
  readonly deleted: boolean;
  /** ISO 8601. */
  readonly updatedAt: string;
}

type Versioned = Pick<StoredEntity, 'id' | 'version' | 'updatedAt'> & { readonly entity: JsonObject | null };

/** The entity with its metadata, null for a tombstone. */
export function toEntityJson({ id, entity, updatedAt, version }: Versioned): EntityJson | null {
  return entity === null ? null : { ...entity, id, updatedAt, version };
}

/** The record of an entity or of a tombstone. */
export function toRecordJson(stored: Versioned): RecordJson {
  return {
    entity: toEntityJson(stored),
    version: stored.version,
    deleted: stored.entity === null,
    updatedAt: stored.updatedAt,
  };
}

/** Splits what the server sets from what the client says. Own keys named `__proto__` stay plain data. */
export function withoutMetadata(entity: JsonObject): JsonObject {
  const { updatedAt: _updatedAt, version: _version, ...content } = entity;
  return content;
}
