import type { Version } from '../../core/entity.ts';
import { BadResponseError } from '../../core/errors.ts';
import type { RemoteChange, ServerRecord } from '../../core/record.ts';
import { isInstant, isObject, isVersion } from './shape.ts';
import { readWirePatch } from './wire-patch.ts';
import { readWireEntity } from './wire-record.ts';

type Wire = { readonly [key: string]: unknown };

/** A change as the feed and the socket tell it. Absent and null mean the same. Throws `BadResponseError`. */
export function readWireChange(value: unknown): RemoteChange {
  if (!isObject(value)) throw new BadResponseError('A change is not an object.');
  const collection = readText(value, 'collection');
  const id = readText(value, 'id');
  if (collection === undefined || id === undefined) throw new BadResponseError('A change names no entity.');
  if (!isVersion(value['version'])) throw new BadResponseError('A change has no version.');
  return {
    collection,
    id,
    ...readContent(value, id, value['version']),
    ...present('idempotencyKey', readText(value, 'idempotencyKey')),
    ...present('clientId', readText(value, 'clientId')),
    ...present('cursor', readText(value, 'cursor')),
  };
}

type Content = Pick<RemoteChange, 'record' | 'patch' | 'baseVersion'>;

function readContent(change: Wire, id: string, version: Version): Content {
  const updatedAt = readInstant(change);
  const baseVersion = readBaseVersion(change);
  const record = (part: Pick<ServerRecord, 'entity' | 'deleted'>): Content => ({
    record: { ...part, version, ...present('updatedAt', updatedAt) },
    ...present('baseVersion', baseVersion),
  });
  if (change['deleted'] === true) return record({ entity: null, deleted: true });
  if (isPresent(change['entity'])) {
    return record({ entity: readWireEntity(change['entity'], id, version, updatedAt), deleted: false });
  }
  const patch = readWirePatch(change['patch']);
  if (patch === null || baseVersion === undefined)
    throw new BadResponseError('A change tells neither an entity nor a patch.');
  return { ...record({ entity: null, deleted: false }), patch };
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

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
