import type { ISyncEntity, Version } from '../../core/entity.ts';
import { BadResponseError } from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';
import { isObject } from '../../core/json.ts';
import { isInstant, isVersion, unknownInstant } from './shape.ts';

/**
 * A record as the backend tells it: `{ entity, version, deleted, updatedAt }` (S36). A missing `updatedAt` of the entity is
 * filled. Throws `BadResponseError` for anything else, another entity's record included. `epoch`: the life of the data that the answer names.
 */
export function readWireRecord(value: unknown, entityId: string, epoch: string | null = null): ServerRecord {
  if (!isObject(value)) throw new BadResponseError('The answer holds no record.');
  const { entity, version, deleted, updatedAt } = value;
  if (!isVersion(version)) throw new BadResponseError('The record of the answer has no version.');
  if (updatedAt !== undefined && !isInstant(updatedAt))
    throw new BadResponseError('The record of the answer has no valid time.');
  const told = { ...(updatedAt === undefined ? {} : { updatedAt }), ...(epoch === null ? {} : { epoch }) };
  if (entity === null && deleted === true) return { entity: null, version, deleted: true, ...told };
  if (entity === null || (deleted !== undefined && deleted !== false)) {
    throw new BadResponseError('The record of the answer is neither an entity nor a deletion.');
  }
  return { entity: readWireEntity(entity, entityId, version, updatedAt), version, deleted: false, ...told };
}

/** An entity as the backend tells it, with its metadata filled in. Throws `BadResponseError`. */
export function readWireEntity(value: unknown, entityId: string, version: Version, updatedAt?: string): ISyncEntity {
  if (!isObject(value) || value['id'] !== entityId) throw new BadResponseError('The answer is about another entity.');
  const stamp = value['updatedAt'] ?? updatedAt ?? unknownInstant;
  if (!isInstant(stamp)) throw new BadResponseError('The entity of the answer has no valid time.');
  return { ...value, id: entityId, updatedAt: stamp, version };
}
