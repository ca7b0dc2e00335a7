import { equalJson } from '../../core/equal.ts';
import type { ChangePage } from '../../core/record.ts';
import { formatCursor, parseCursor } from './feed-cursor.ts';
import type { Listing, ListReader } from './list-page.ts';
import type { NextPage } from './next-page.ts';

interface Place {
  readonly next: NextPage | null;
  readonly isSnapshot: boolean;
}

const feed = 'cursor';

/**
 * The backend's own feed of changes, read on with what it tells. Where it tells nothing more, the place stays. Without `more` it ends with a page
 * that has no rows or leads nowhere else: how many rows a page holds is the backend's affair.
 */
export async function readCursorPage(reader: ListReader, listing: Listing, cursor: string | null): Promise<ChangePage> {
  const place = parseCursor(feed, cursor, isPlace) ?? { next: null, isSnapshot: true };
  const query = { page: listing.list.firstPage, offset: 0, after: null, since: null };
  const page = await reader.read(listing, query, place.next);
  const leadsOn = page.rows.length > 0 && !equalJson(page.next, place.next);
  const hasMore = page.next !== null && (page.more ?? leadsOn);
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
