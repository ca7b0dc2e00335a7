import type { ISyncEntity, Version } from '../../core/entity.ts';
import { SyncError } from '../../core/errors.ts';
import type { Json, JsonObject, JsonPatch } from '../../core/json.ts';
import { contentOf } from '../../core/metadata.ts';
import { formatPointer } from '../../core/pointer.ts';
import type { RestCollection } from './collection-settings.ts';
import { withMember, withoutMember } from './member.ts';

/** What goes into a body beside the entity. */
export interface Stamp {
  readonly baseVersion: Version | null;
  /** When it is sent, by the backend's clock, where the client is who tells. ISO 8601. */
  readonly sentAt: string | null;
}

/** The whole entity as a body. */
export function wholeBody(collection: RestCollection, entity: ISyncEntity, stamp: Stamp): string {
  return inEnvelope(collection, withMetadata(collection, wholeContent(collection, entity), stamp));
}

/** A merge patch as a body. */
export function mergeBody(collection: RestCollection, merge: JsonObject, stamp: Stamp): string {
  return inEnvelope(collection, withMetadata(collection, merge, stamp));
}

/** A JSON Patch as a body. A version that is sent in the body is tested before anything is changed. */
export function patchBody(collection: RestCollection, patch: JsonPatch, { baseVersion, sentAt }: Stamp): string {
  const { version, updatedAt } = collection;
  const isTested = version.kind === 'field' && version.send === 'body' && baseVersion !== null;
  return JSON.stringify([
    ...(isTested ? [{ op: 'test', path: formatPointer(version.tokens), value: baseVersion }] : []),
    ...patch,
    ...(sentAt !== null && updatedAt !== null ? [{ op: 'add', path: formatPointer(updatedAt), value: sentAt }] : []),
  ]);
}

function wholeContent({ id, hasNumericIds, sendsId }: RestCollection, entity: ISyncEntity): JsonObject {
  const content = withoutMember(contentOf(entity), ['id']);
  return sendsId ? withMember(content, id, hasNumericIds ? numericId(entity.id) : entity.id) : content;
}

function numericId(id: string): number {
  const number = Number(id);
  if (Number.isSafeInteger(number) && `${number}` === id) return number;
  throw new SyncError(
    'invalid-id',
    'The backend counts its ids: an id has to be a whole number, written as a string.',
    {
      entityId: id,
      path: '/id',
    },
  );
}

function withMetadata(
  { version, updatedAt }: RestCollection,
  body: JsonObject,
  { baseVersion, sentAt }: Stamp,
): JsonObject {
  const isSent = version.kind === 'field' && version.send === 'body' && baseVersion !== null;
  const versioned = isSent ? withMember(body, version.tokens, baseVersion) : body;
  return sentAt === null || updatedAt === null ? versioned : withMember(versioned, updatedAt, sentAt);
}

function inEnvelope({ requestEnvelope }: RestCollection, body: JsonObject): string {
  const wrapped: Json = requestEnvelope.length === 0 ? body : withMember({}, requestEnvelope, body);
  return JSON.stringify(wrapped);
}
