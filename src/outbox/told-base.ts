import { checkEntity, readEntity, type PlainEntity } from '../core/entity-input.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { withUpdatedAt } from '../core/metadata.ts';
import type { ServerRecord } from '../core/record.ts';

/** Where nothing tells when. */
const unknownTime = new Date(0).toISOString();

/** The entity that a record is to tell of. */
interface About {
  readonly collection: string;
  readonly entityId: string;
  /** Backends that are compared give no versions. */
  readonly versionOptional: boolean;
  /** What the request makes of the entity. */
  readonly result?: ISyncEntity | null;
}

/** The server state a record tells; null when it is none of the entity (S36). */
export function toBase(of: About, record: unknown): Base | null {
  return readBase(of, record, readEntity);
}

/** The same of a record whose entity was made here and shares nothing that others change. */
export function toBaseUncopied(of: About, record: ServerRecord): Base | null {
  return readBase(of, record, checkEntity);
}

function readBase(of: About, record: unknown, read: typeof readEntity): Base | null {
  if (typeof record !== 'object' || record === null) return null;
  const { entity, version, deleted, updatedAt } = record as Partial<ServerRecord>;
  if (version !== undefined && typeof version !== 'string' && !Number.isFinite(version)) return null;
  if (updatedAt !== undefined && typeof updatedAt !== 'string') return null;
  const time = updatedAt ?? null;
  if (entity === null) {
    return deleted === false ? null : { entity: null, version: version ?? null, updatedAt: time };
  }
  if (version === undefined && !of.versionOptional) return null;
  if (typeof entity !== 'object' || entity === undefined || deleted === true || entity.id !== of.entityId) return null;
  try {
    const plain = read(of.collection, entity);
    const told = time ?? (plain.updatedAt || null);
    const filled = withMetadata(plain, told ?? of.result?.updatedAt ?? unknownTime, version);
    return { entity: filled, version: version ?? null, updatedAt: told };
  } catch {
    return null;
  }
}

function withMetadata(plain: PlainEntity, updatedAt: string, version: Base['version'] | undefined): ISyncEntity {
  const entity: ISyncEntity = withUpdatedAt(plain, updatedAt);
  if (version !== undefined && version !== null) {
    entity.version = version;
    return entity;
  }
  const { version: _, ...unversioned } = entity;
  return unversioned;
}
