import { BadResponseError, CursorExpiredError, MisconfiguredError } from '../../core/errors.ts';
import type { ChangePage } from '../../core/record.ts';
import { formatCursor, parseCursor } from './feed-cursor.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { ListedRow, Listing, ListPage, ListReader } from './list-page.ts';

type Time = string | number;

/** How far the list has been read, by the times that the backend told. */
interface Place {
  /** From where the page is asked for, and the id after which, where that can be said. */
  readonly since: Time | null;
  readonly after: string | null;
  /** Pages read of rows that share that time, the ids of the last of them, and how often they were begun anew. */
  readonly pages: number;
  readonly ids: string;
  readonly restarts: number;
  /** The earliest time in this pass of which the rows were read by page number. */
  readonly tie: Time | null;
  readonly newest: Time | null;
  /** When this pass began, in milliseconds by the backend's clock, and when the last one did that read everything. */
  readonly beganAtMs: number;
  readonly snapshotAtMs: number;
  readonly isSnapshot: boolean;
  readonly isEnd: boolean;
}

const feed = 'updated-at';
const mostRestarts = 3;

/**
 * A list sorted by the time of change as a feed. Each pass begins a little before the newest time that was seen, and before the pass before began: so
 * rows of the same time, and those that were committed late, are found. Pages follow each other by that time, not by their number: what moves
 * to the end while the list is read is met there again. Only rows that share one time are read by page number; if anything changed meanwhile,
 * the next pass begins with them.
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
  const read = { ...place, newest: laterOf(place.newest, times.at(-1) ?? null) };
  const isEnd = page.more === null ? page.rows.length < limit : !page.more;
  const next = formatCursor(feed, isEnd ? endOf(read, listing) : readOn(listing, read, page));
  return {
    changes: page.rows.map(({ change }) => change),
    cursor: next,
    hasMore: !isEnd,
    ...(place.isSnapshot ? { snapshot: true } : {}),
    ...(place.isSnapshot && isEnd ? { replayFrom: next } : {}),
  };
}

const beginning = { after: null, pages: 0, ids: '', restarts: 0, tie: null, newest: null, isEnd: false } as const;

function begin(place: Place | null, nowMs: number, { list }: Listing): Place {
  if (place === null) {
    return { ...beginning, since: null, beganAtMs: nowMs, snapshotAtMs: nowMs, isSnapshot: true };
  }
  if (!place.isEnd) return place;
  if (list.snapshotEveryMs !== null && nowMs - place.snapshotAtMs >= list.snapshotEveryMs) {
    throw new CursorExpiredError({ message: 'It is time to read the whole list, so that deletions are seen.' });
  }
  const { since, snapshotAtMs } = place;
  return { ...beginning, since, newest: place.newest, beganAtMs: nowMs, snapshotAtMs, isSnapshot: false };
}

/** From where the next pass reads. */
function endOf(place: Place, { list }: Listing): Place {
  const { newest, tie, beganAtMs } = place;
  const end = { ...place, ...beginning, newest, isSnapshot: false, isEnd: true };
  if (newest === null) return { ...end, since: null };
  const hasChanged = msOf(newest) >= beganAtMs - list.overlapMs;
  const earliest = tie !== null && hasChanged ? Math.min(beganAtMs, msOf(tie)) : beganAtMs;
  const byMs = Math.min(0, earliest - msOf(newest)) - list.overlapMs;
  return { ...end, since: shift(newest, byMs) };
}

/** Where the next page begins: a little before the last time of this one, so that nothing of that time is left out. */
function readOn({ list }: Listing, place: Place, { rows }: ListPage): Place {
  const last = rows.at(-1);
  if (last === undefined) throw new BadResponseError('The page says that there is more, and has no rows.');
  const time = timeOf(last);
  if (list.paging === 'after') {
    if (time === place.since && last.change.id === place.after) throw samePage();
    return { ...place, since: time, after: last.change.id };
  }
  const since = shift(time, -1);
  if (place.since === null || msOf(since) > msOf(place.since)) return { ...place, since, pages: 0, ids: '' };
  if (list.paging !== 'page' && list.paging !== 'offset') {
    throw new MisconfiguredError({
      message:
        'More rows than a page holds share one time of change: the path of the list needs {page}, {offset} or {after}.',
    });
  }
  const ids = fingerprintOf(JSON.stringify(rows.map(({ change }) => change.id)));
  const tie = place.tie ?? place.since;
  if (ids !== place.ids) return { ...place, tie, ids, pages: place.pages + 1 };
  if (place.restarts === mostRestarts) throw samePage();
  return { ...place, tie, ids: '', pages: 0, restarts: place.restarts + 1 };
}

function samePage(): BadResponseError {
  return new BadResponseError('The backend gives the same page of the list again. Check the option `list.path`.');
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
  const { pages, restarts, beganAtMs, snapshotAtMs } = value as Partial<Place>;
  return [pages, restarts, beganAtMs, snapshotAtMs].every((number) => typeof number === 'number');
}
