import { BadResponseError, CursorExpiredError, MisconfiguredError } from '../../core/errors.ts';
import type { ChangePage } from '../../core/record.ts';
import { formatCursor, parseCursor } from './feed-cursor.ts';
import type { ListedRow, Listing, ListPage, ListReader } from './list-page.ts';

type Time = string | number;

/** How far the list has been read, by the times that the backend told. */
interface Place {
  /** From where the page is asked for, and the id after which, where that can be said. */
  readonly since: Time | null;
  readonly after: string | null;
  /** Pages read of rows that share that time. */
  readonly pages: number;
  /** Id of the first row of the page before. */
  readonly first: string | null;
  readonly newest: Time | null;
  readonly isSnapshot: boolean;
  /** When everything was read last, in milliseconds by the backend's clock. */
  readonly readAtMs: number;
  readonly isEnd: boolean;
}

const feed = 'updated-at';

/**
 * A list sorted by the time of change as a feed. Each time it is read on from a little before the newest time seen, so that rows of the same time, and
 * those that were committed late, are found. Pages follow each other by that time, not by their number: what moves to the end while the
 * list is read is met there again. Only rows that share one time are read by page number.
 */
export async function readTimePage(reader: ListReader, listing: Listing, cursor: string | null): Promise<ChangePage> {
  const place = begin(parseCursor(feed, cursor, isPlace), reader.now(), listing);
  const { list, limit } = listing;
  const query = {
    page: list.firstPage + place.pages,
    offset: place.pages * limit,
    after: place.after,
    since: place.since === null ? null : `${place.since}`,
  };
  const page = await reader.read(listing, query, null);
  const times = page.rows.map(timeOf);
  if (times.some((time, index) => index > 0 && msOf(time) < msOf(times[index - 1] as Time))) {
    throw new BadResponseError('The list is not sorted by the time of change. Check the option `list.path`.');
  }
  const newest = laterOf(place.newest, times.at(-1) ?? null);
  const isEnd = page.more === null ? page.rows.length < limit : !page.more;
  const reached = isEnd
    ? { ...place, since: null, after: null, pages: 0, first: null, newest, isSnapshot: false, isEnd: true }
    : { ...readOn(listing, place, page), newest };
  const next = formatCursor(feed, reached);
  return {
    changes: page.rows.map(({ change }) => change),
    cursor: next,
    hasMore: !isEnd,
    ...(place.isSnapshot ? { snapshot: true } : {}),
    ...(place.isSnapshot && isEnd ? { replayFrom: next } : {}),
  };
}

function begin(place: Place | null, nowMs: number, { list }: Listing): Place {
  if (place === null) {
    const isSnapshot = { isSnapshot: true, readAtMs: nowMs, isEnd: false };
    return { since: null, after: null, pages: 0, first: null, newest: null, ...isSnapshot };
  }
  if (!place.isEnd) return place;
  if (list.snapshotEveryMs !== null && nowMs - place.readAtMs >= list.snapshotEveryMs) {
    throw new CursorExpiredError({ message: 'It is time to read the whole list, so that deletions are seen.' });
  }
  const since = place.newest === null ? null : shift(place.newest, -list.overlapMs);
  return { ...place, since, isEnd: false };
}

/** Where the next page begins: a little before the last time of this one, so that nothing of that time is left out. */
function readOn({ list }: Listing, place: Place, { rows }: ListPage): Place {
  const last = rows.at(-1);
  if (last === undefined) throw new BadResponseError('The page says that there is more, and has no rows.');
  const [time, first] = [timeOf(last), rows[0]?.change.id ?? null];
  if (place.first !== null && first === place.first && (list.paging === 'after' || place.pages > 0)) {
    throw new BadResponseError('The backend gives the same page of the list again. Check the option `list.path`.');
  }
  if (list.paging === 'after') return { ...place, since: time, after: last.change.id, first };
  const since = shift(time, -1);
  if (place.since === null || msOf(since) > msOf(place.since)) return { ...place, since, pages: 0, first: null };
  if (list.paging === 'page' || list.paging === 'offset') return { ...place, pages: place.pages + 1, first };
  throw new MisconfiguredError({
    message:
      'More rows than a page holds share one time of change: the path of the list needs {page}, {offset} or {after}.',
  });
}

function timeOf({ change, toldTime }: ListedRow): Time {
  if (toldTime !== null) return toldTime;
  throw new BadResponseError(
    `${change.collection}/${change.id} has no time of change. Check the option \`updatedAt\`.`,
  );
}

function msOf(time: Time): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

function laterOf(a: Time | null, b: Time | null): Time | null {
  if (a === null || b === null) return a ?? b;
  return msOf(a) > msOf(b) ? a : b;
}

function shift(time: Time, byMs: number): Time {
  const ms = Math.floor(msOf(time)) + byMs;
  return typeof time === 'number' ? ms : new Date(Math.max(ms, 0)).toISOString();
}

function isPlace(value: object): value is Place {
  const { pages, readAtMs, isSnapshot, isEnd } = value as Partial<Place>;
  return (
    typeof pages === 'number' &&
    typeof readAtMs === 'number' &&
    typeof isSnapshot === 'boolean' &&
    typeof isEnd === 'boolean'
  );
}
