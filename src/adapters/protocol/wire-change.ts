import type { Version } from '../../core/entity.ts';
import { BadResponseError } from '../../core/errors.ts';
import { isObject, type JsonPatch } from '../../core/json.ts';
import type { RemoteChange, ServerRecord } from '../../core/record.ts';
import { isInstant, isVersion } from './shape.ts';
import { readWirePatch } from './wire-patch.ts';
import { readWireEntity } from './wire-record.ts';

type Wire = { readonly [key: string]: unknown };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A change as the feed and the socket tell it. Absent and null mean the same. Throws `BadResponseError`. */
export function readWireChange(value: unknown): RemoteChange {
  if (!isObject(value)) throw new BadResponseError('A change is not an object.');
  const collection = readOptional(value, 'collection', isText);
  const id = readOptional(value, 'id', isText);
  if (collection === undefined || id === undefined) throw new BadResponseError('A change names no entity.');
  const { version } = value;
  if (!isVersion(version)) throw new BadResponseError('A change has no version.');
  const baseVersion = readOptional(value, 'baseVersion', isVersion);
  const change: Mutable<RemoteChange> = { collection, id, record: readRecord(value, id, version) };
  if (baseVersion !== undefined) change.baseVersion = baseVersion;
  if (isPatch(change.record)) change.patch = readPatch(value, baseVersion);
  takeText(value, change, 'idempotencyKey');
  takeText(value, change, 'clientId');
  takeText(value, change, 'cursor');
  return change;
}

function readRecord(change: Wire, id: string, version: Version): ServerRecord {
  const updatedAt = readOptional(change, 'updatedAt', isInstant);
  const isDeleted = change['deleted'] === true;
  const told = isDeleted ? null : (change['entity'] ?? null);
  const entity = told === null ? null : readWireEntity(told, id, version, updatedAt);
  const record: Mutable<ServerRecord> = { entity, deleted: isDeleted, version };
  if (updatedAt !== undefined) record.updatedAt = updatedAt;
  return record;
}

function isPatch({ entity, deleted }: ServerRecord): boolean {
  return entity === null && deleted === false;
}

function readPatch(change: Wire, baseVersion: Version | undefined): JsonPatch {
  const patch = readWirePatch(change['patch']);
  if (patch === null || baseVersion === undefined)
    throw new BadResponseError('A change tells neither an entity nor a patch.');
  return patch;
}

function takeText(from: Wire, to: Mutable<RemoteChange>, key: 'idempotencyKey' | 'clientId' | 'cursor'): void {
  const text = readOptional(from, key, isText);
  if (text !== undefined) to[key] = text;
}

function readOptional<T>(change: Wire, key: string, isValid: (value: unknown) => value is T): T | undefined {
  const value = change[key] ?? undefined;
  if (value === undefined || isValid(value)) return value;
  throw new BadResponseError(`The field ${key} of a change is not valid.`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
