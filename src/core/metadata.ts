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

/**
 * A shallow copy of the entity with another time of change. The id stands first for a reason: V8 gives every object that
 * begins with a spread a shape of its own as soon as it is frozen or extended, and that is larger than the entity.
 */
export function withUpdatedAt<E extends { readonly id: string }>(
  entity: E,
  updatedAt: string,
): E & { updatedAt: string } {
  const content: Partial<E> = entity;
  return { id: entity.id, ...content, updatedAt } as E & { updatedAt: string };
}
