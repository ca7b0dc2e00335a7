import { assertCollection } from '../../core/entity-input.ts';
import { CursorExpiredError, NotFoundError, SyncError } from '../../core/errors.ts';
import type { ChangePage } from '../../core/record.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import { readCursorPage } from './cursor-feed.ts';
import type { Listing, ListReader } from './list-page.ts';
import type { RestSettings } from './settings.ts';
import { readSnapshotPage } from './snapshot-feed.ts';
import { readTimePage } from './time-feed.ts';

/** Lists as the change feed: one page of one collection at a time. */
export function createRestChanges(
  reader: ListReader,
  settings: Pick<RestSettings, 'collection'>,
): NonNullable<ApiClient['changes']> {
  return async (name, { cursor, limit }, context) => {
    assertCollection(name);
    const collection = settings.collection(name);
    const { list } = collection;
    if (list === null) {
      throw new SyncError(
        'unsupported',
        `There is no list of ${name}. Give it by the option collections.${name}.list.`,
        {
          collection: name,
        },
      );
    }
    const listing: Listing = { name, collection, list, limit: Math.min(Math.max(limit, 2), list.maxLimit), context };
    try {
      return await readPage(reader, listing, cursor);
    } catch (error) {
      const isGone = cursor !== null && error instanceof NotFoundError && error.status === 410;
      throw isGone ? new CursorExpiredError({ status: 410 }) : error;
    }
  };
}

function readPage(reader: ListReader, listing: Listing, cursor: string | null): Promise<ChangePage> {
  switch (listing.list.feed) {
    case 'snapshot':
      return readSnapshotPage(reader, listing, cursor);
    case 'updated-at':
      return readTimePage(reader, listing, cursor);
    case 'cursor':
      return readCursorPage(reader, listing, cursor);
  }
}
