import type { ChangePage } from '../../core/record.ts';
import { formatCursor, parseCursor } from './feed-cursor.ts';
import type { Listing, ListReader } from './list-page.ts';
import type { NextPage } from './next-page.ts';

interface Place {
  readonly next: NextPage | null;
  readonly isSnapshot: boolean;
}

const feed = 'cursor';

/** The backend's own feed of changes, read on with what it tells. Where it tells nothing more, the place stays. */
export async function readCursorPage(reader: ListReader, listing: Listing, cursor: string | null): Promise<ChangePage> {
  const place = parseCursor(feed, cursor, isPlace) ?? { next: null, isSnapshot: true };
  const { list, limit } = listing;
  const query = { page: list.firstPage, offset: 0, after: null, since: null };
  const page = await reader.read(listing, query, place.next);
  const hasMore = page.next !== null && (page.more ?? page.rows.length >= limit);
  const reached: Place = { next: page.next ?? place.next, isSnapshot: place.isSnapshot && hasMore };
  const next = formatCursor(feed, reached);
  return {
    changes: page.rows.map(({ change }) => change),
    cursor: next,
    hasMore,
    ...(place.isSnapshot ? { snapshot: true } : {}),
    ...(place.isSnapshot && !hasMore ? { replayFrom: next } : {}),
  };
}

function isPlace(value: object): value is Place {
  const { next, isSnapshot } = value as Partial<Place>;
  return typeof next === 'object' && typeof isSnapshot === 'boolean';
}
