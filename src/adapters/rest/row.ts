import type { Version } from '../../core/entity.ts';
import { BadResponseError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { ServerRecord } from '../../core/record.ts';
import { takeJson } from '../../core/take-json.ts';
import { isInstant, isVersion, unknownInstant } from '../protocol/shape.ts';
import type { RestCollection, RestVersion } from './collection-settings.ts';
import { memberAt, withoutMember } from './member.ts';

/** An entity as the API tells it, its metadata told apart. */
export interface RestRow {
  readonly id: string;
  readonly content: JsonObject;
  /** From a field; null where versions are no fields, and where there is none. */
  readonly version: Version | null;
  /** ISO 8601. */
  readonly updatedAt: string | null;
  /** The same as it was told. */
  readonly toldTime: string | number | null;
  readonly isDeleted: boolean;
}

const limits = { levels: 64, length: 16 * 1024 * 1024 };
const latestMs = 8.64e15;

/** Reads an entity. Throws `BadResponseError` for anything else. */
export function readRow(collection: RestCollection, value: unknown): RestRow {
  const taken = isObject(value) ? takeJson(value, limits, false) : 'unfit';
  if (typeof taken === 'string') throw new BadResponseError('The answer holds no entity.');
  const row = taken.value as JsonObject;
  const id = idOf(memberAt(row, collection.id));
  if (id === null) throw new BadResponseError('The entity of the answer has no id. Check the option `id`.');
  const toldTime = collection.updatedAt === null ? null : timeOf(memberAt(row, collection.updatedAt));
  return {
    id,
    content: contentOf(collection, row),
    version:
      collection.version.kind === 'field'
        ? versionOf(memberAt(row, collection.version.tokens), collection.version)
        : null,
    updatedAt: typeof toldTime === 'number' ? new Date(toldTime).toISOString() : toldTime,
    toldTime,
    isDeleted: isTrue(collection.deleted === null ? false : memberAt(row, collection.deleted)),
  };
}

/** The record of a row. `version`: of its entity tag, where versions are those. */
export function toRecord(row: RestRow, version: Version | null): ServerRecord {
  const told = {
    ...(version === null ? {} : { version }),
    ...(row.updatedAt === null ? {} : { updatedAt: row.updatedAt }),
  };
  if (row.isDeleted) return { entity: null, deleted: true, ...told };
  return { entity: { ...row.content, id: row.id, updatedAt: unknownInstant, ...told }, deleted: false, ...told };
}

/** The id as the app knows it; null when it is none. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whether a field says yes: it is there, and neither false nor null. */
export function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** A version as it is kept; null when there is none. Throws `BadResponseError` for what is no version. */
export function versionOf(value: unknown, version: RestVersion): Version | null {
  if (value === undefined || value === null) return null;
  if (!isVersion(value)) throw new BadResponseError('The version of an entity is none. Check the option `version`.');
  return version.kind === 'field' && version.isOrdered ? value : `${value}`;
}

/** A time of change as it is told; null when there is none. Throws `BadResponseError` for anything that is no time. */
export function timeOf(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  if (isInstant(value) || (typeof value === 'number' && Math.abs(value) <= latestMs)) return value;
  throw new BadResponseError('The entity of the answer has no valid time of change. Check the option `updatedAt`.');
}

function contentOf(collection: RestCollection, row: JsonObject): JsonObject {
  const { id, version, updatedAt } = collection;
  let content = withoutMember(row, id);
  if (version.kind === 'field') content = withoutMember(content, version.tokens);
  return updatedAt === null ? content : withoutMember(content, updatedAt);
}
