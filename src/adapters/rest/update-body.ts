import { ConflictError, NotFoundError } from '../../core/errors.ts';
import { contentOf } from '../../core/metadata.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import { mergeBody, patchBody, wholeBody, type Stamp } from './body.ts';
import type { RestCollection } from './collection-settings.ts';
import { mergePatchBetween, mergePatchOf } from './merge-patch.ts';

/** The body of an update. `fetch` is called when a merge patch cannot be told from the change alone. */
export async function updateBody(
  collection: RestCollection,
  { patch, entity }: Parameters<ApiClient['update']>[2],
  stamp: Stamp,
  fetch: () => Promise<ServerRecord | null>,
): Promise<string> {
  switch (collection.update) {
    case 'PUT':
      return wholeBody(collection, entity, stamp);
    case 'json-patch':
      return patchBody(collection, patch, stamp);
    case 'merge-patch': {
      const result = contentOf(entity);
      const merge = mergePatchOf(patch, result);
      if (merge !== null) return mergeBody(collection, merge, stamp);
      const current = await fetch();
      if (!current?.entity) throw new NotFoundError(current === null ? {} : { current });
      if (stamp.baseVersion !== null && current.version !== stamp.baseVersion) throw new ConflictError({ current });
      return mergeBody(collection, mergePatchBetween(contentOf(current.entity), result), stamp);
    }
  }
}
