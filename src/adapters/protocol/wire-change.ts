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
  const collection = readText(value, 'collection');
  const id = readText(value, 'id');
  if (collection === undefined || id === undefined) throw new BadResponseError('A change names no entity.');
  const { version } = value;
  if (!isVersion(version)) throw new BadResponseError('A change has no version.');
  const baseVersion = readBaseVersion(value);
  const change: Mutable<RemoteChange> = { collection, id, record: readRecord(value, id, version) };
  if (baseVersion !== undefined) change.baseVersion = baseVersion;
  if (isPatch(change.record)) change.patch = readPatch(value, baseVersion);
  takeText(value, change, 'idempotencyKey');
  takeText(value, change, 'clientId');
  takeText(value, change, 'cursor');
  return change;
}

function readRecord(change: Wire, id: string, version: Version): ServerRecord {
  const updatedAt = readInstant(change);
  const isDeleted = change['deleted'] === true;
  const entity =
    isDeleted || !isPresent(change['entity']) ? null : readWireEntity(change['entity'], id, version, updatedAt);
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
  const text = readText(from, key);
  if (text !== undefined) to[key] = text;
}

function readBaseVersion(change: Wire): Version | undefined {
  const baseVersion = change['baseVersion'];
  if (!isPresent(baseVersion)) return undefined;
  if (!isVersion(baseVersion)) throw new BadResponseError('The base version of a change is no version.');
  return baseVersion;
}

function readInstant(change: Wire): string | undefined {
  const updatedAt = change['updatedAt'];
  if (!isPresent(updatedAt)) return undefined;
  if (!isInstant(updatedAt)) throw new BadResponseError('The time of a change is not valid.');
  return updatedAt;
}

function readText(change: Wire, key: string): string | undefined {
  const value = change[key];
  if (!isPresent(value)) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new BadResponseError(`The field ${key} of a change is not text.`);
  return value;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
