import { BadResponseError, CursorExpiredError } from '../../core/errors.ts';
import type { ChangePage } from '../../core/record.ts';
import { formatCursor, parseCursor } from './feed-cursor.ts';
import type { ListedRow, Listing, ListPage, ListReader } from './list-page.ts';
import type { NextPage } from './next-page.ts';

/** How far a snapshot has come. */
interface Place {
  readonly pages: number;
  readonly rows: number;
  /** Ids of the first and the last row of the page before. */
  readonly first: string | null;
  readonly last: string | null;
  readonly next: NextPage | null;
  readonly total: number | null;
  readonly isEnd: boolean;
}

const beginning: Place = { pages: 0, rows: 0, first: null, last: null, next: null, total: null, isEnd: false };
const feed = 'snapshot';

/**
 * The whole list as a feed: every page of it, each time. A list that is seen to change while it is read (another total; with offsets, another row
 * where the last one was) is a bad response, and read anew: a row that slipped onto a page already read would count as gone.
 */
export async function readSnapshotPage(
  reader: ListReader,
  listing: Listing,
  cursor: string | null,
): Promise<ChangePage> {
  const place = parseCursor(feed, cursor, isPlace) ?? beginning;
  if (place.isEnd) throw new CursorExpiredError({ message: 'The list is a snapshot: everything is read anew.' });
  const { list } = listing;
  const overlap = list.paging === 'offset' && place.rows > 0 ? 1 : 0;
  const query = {
    page: list.firstPage + place.pages,
    offset: place.rows - overlap,
    after: place.last,
    since: null,
  };
  const page = await reader.read(listing, query, place.next);
  checkUnchanged(place, page, overlap);
  const rows = page.rows.slice(overlap);
  const isEnd = isLast(listing, place, page, rows);
  const end = formatCursor(feed, { ...beginning, isEnd: true });
  const reached: Place = {
    pages: place.pages + 1,
    rows: place.rows + rows.length,
    first: idOf(page.rows[0]) ?? place.first,
    last: idOf(rows.at(-1)) ?? place.last,
    next: page.next,
    total: page.total,
    isEnd: false,
  };
  return {
    changes: rows.map(({ change }) => change),
    cursor: isEnd ? end : formatCursor(feed, reached),
    hasMore: !isEnd,
    snapshot: true,
    ...(isEnd ? { replayFrom: end } : {}),
  };
}

function checkUnchanged(place: Place, page: ListPage, overlap: number): void {
  const hasOtherTotal = place.total !== null && page.total !== null && place.total !== page.total;
  const hasOtherRow = overlap > 0 && idOf(page.rows[0]) !== place.last;
  if (hasOtherTotal || hasOtherRow) throw new BadResponseError('The list changed while it was read. It is read anew.');
  if (overlap === 0 && place.pages > 0 && page.rows.length > 0 && idOf(page.rows[0]) === place.first) {
    throw new BadResponseError('The backend gives the same page of the list again. Check the option `list.path`.');
  }
}

function isLast({ list, limit }: Listing, place: Place, page: ListPage, rows: readonly ListedRow[]): boolean {
  if (page.more !== null) return !page.more;
  switch (list.paging) {
    case 'none':
      return true;
    case 'next':
      return page.next === null;
    case 'after':
      return page.rows.length < limit;
    case 'page':
    case 'offset':
      if (rows.length === 0) return true;
      return page.total === null ? page.rows.length < limit : place.rows + rows.length >= page.total;
  }
}

function idOf(row: ListedRow | undefined): string | null {
  return row?.change.id ?? null;
}

function isPlace(value: object): value is Place {
  const { pages, rows, isEnd } = value as Partial<Place>;
  return typeof pages === 'number' && typeof rows === 'number' && typeof isEnd === 'boolean';
}
