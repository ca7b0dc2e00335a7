import type { ISyncEntity } from './entity.ts';
import type { JsonObject } from './json.ts';

/** Whether a top-level property of an entity is metadata: it takes no part in diff, merge or equality. */
export function isMetadata(key: string): boolean {
  return key === 'updatedAt' || key === 'version';
}

/** What the app wrote: the entity without its metadata. Nested values are shared. */
export function contentOf(entity: ISyncEntity): JsonObject {
  const { updatedAt: _updatedAt, version: _version, ...content } = entity;
  return content as unknown as JsonObject;
}
