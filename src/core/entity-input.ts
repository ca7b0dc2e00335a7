import type { Version } from './entity.ts';
import { SyncError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { tooLong } from './json-refusal.ts';
import { type PlainJsonOptions, takePlainJson } from './plain-json.ts';
import { utf8Length } from './utf8-length.ts';

/** The largest entity, in bytes of its JSON text in UTF-8. */
const maxEntityBytes = 1024 * 1024;

const maxIdBytes = 256;
const mostBytesPerCharacter = 24;
/** An entity as it was handed in: plain JSON with a valid id. Metadata is there when the caller gave it. */
export type PlainEntity = JsonObject & { readonly id: string; readonly updatedAt?: string; readonly version?: Version };

/** Throws {@link SyncError} `invalid-collection` unless the name is 1 to 64 of `A-Z a-z 0-9 _ -`. */
export function assertCollection(name: unknown): asserts name is string {
  if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name)) return;
  throw new SyncError(
    'invalid-collection',
    'A collection is named with 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-".',
  );
}

/** Throws {@link SyncError} `invalid-id` unless the id is 1 to 256 bytes of well-formed Unicode, neither `.` nor `..`. */
export function assertEntityId(collection: string, id: unknown): asserts id is string {
  const bytes = typeof id === 'string' && id.length <= maxIdBytes ? utf8Length(id) : null;
  if (bytes !== null && bytes > 0 && bytes <= maxIdBytes && id !== '.' && id !== '..') return;
  throw new SyncError(
    'invalid-id',
    `An entity of ${collection} needs an id: a string of 1 to ${maxIdBytes} bytes of well-formed Unicode, neither "." nor "..".`,
    { collection, path: '/id' },
  );
}

/** Throws {@link SyncError} `invalid-id` unless what is to take an entity's place has its id. */
export function assertSameId(collection: string, entityId: string, id: unknown): void {
  if (id === entityId) return;
  throw new SyncError('invalid-id', `What takes the place of ${collection}/${entityId} has the same id.`, {
    collection,
    entityId,
    path: '/id',
  });
}

function takeWithin(value: unknown, subject: string, collection: string | undefined, copies: boolean): Json {
  const options: PlainJsonOptions = {
    subject,
    collection,
    code: 'invalid-entity',
    limitCode: 'too-large',
    at: '',
    copies,
    maxLength: maxEntityBytes,
  };
  const taken = takePlainJson(value, options);
  if (taken.length * mostBytesPerCharacter <= maxEntityBytes) return taken.value;
  const text = JSON.stringify(taken.value);
  const bytes = text.length * 3 <= maxEntityBytes ? 0 : (utf8Length(text) ?? text.length);
  if (bytes > maxEntityBytes) throw tooLong(options, maxEntityBytes);
  return taken.value;
}

/**
 * A plain copy of any JSON value that shares nothing with it; undefined properties are left out.
 *
 * Throws {@link SyncError} `invalid-entity` with the JSON Pointer of what JSON cannot carry, and `too-large` above 64
 * levels or 1 MiB of JSON.
 */
export function readJson(value: unknown): Json {
  return takeWithin(value, 'The value', undefined, true);
}

function hasTypedMetadata(entity: JsonObject): boolean {
  const { updatedAt, version } = entity;
  return (
    (updatedAt === undefined || typeof updatedAt === 'string') &&
    (version === undefined || typeof version === 'string' || typeof version === 'number')
  );
}

function dropUntypedMetadata(entity: JsonObject): JsonObject {
  const { updatedAt, version, ...content } = entity;
  return {
    ...content,
    ...(typeof updatedAt === 'string' && { updatedAt }),
    ...((typeof version === 'string' || typeof version === 'number') && { version }),
  };
}

/**
 * A plain copy of an entity that an app handed in, sharing nothing with it. Undefined properties are left out, and so
 * is an `updatedAt` that is no string or a `version` that is neither string nor number.
 *
 * Throws {@link SyncError} `invalid-entity` with the JSON Pointer of what JSON cannot carry (a Date, a Map, a class
 * instance, NaN, a function, a hole in an array, a cycle), `invalid-id`, and `too-large` above 64 levels or 1 MiB.
 */
export function readEntity(collection: string, input: unknown): PlainEntity {
  return asEntity(collection, takeWithin(input, 'The entity', collection, true));
}

/** As {@link readEntity}, without a copy where none is needed: for values that nobody else changes. */
export function checkEntity(collection: string, value: unknown): PlainEntity {
  return asEntity(collection, takeWithin(value, 'The entity', collection, false));
}

function asEntity(collection: string, value: Json): PlainEntity {
  if (!isObject(value)) {
    throw new SyncError('invalid-entity', 'An entity is a plain object with an id.', { collection, path: '' });
  }
  assertEntityId(collection, Object.hasOwn(value, 'id') ? value['id'] : undefined);
  return (hasTypedMetadata(value) ? value : dropUntypedMetadata(value)) as PlainEntity;
}
