import type { Base } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import type { ChangePage, RemoteChange } from '../core/record.ts';
import type { News } from '../feed/news.ts';
import { newsOf } from '../feed/news.ts';
import { createSnapshot, type Snapshot } from '../feed/snapshot.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { isCursorExpired } from '../outbox/thrown-errors.ts';
import { epochOf } from '../outbox/told-epoch.ts';
import { entryOf, type JournalEntry } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { Backend } from './backend.ts';
import type { BaseFetcher, Fetched } from './fetch-base.ts';
import type { KnownLife } from './life.ts';
import type { ChangeTaker } from './take-changes.ts';

export interface FeedParts extends KnownLife {
  readonly backend: Pick<Backend, 'changes'>;
  readonly replica: Replica;
  readonly outbox: Pick<Outbox, 'lane'>;
  readonly taker: ChangeTaker;
  readonly fetcher: Pick<BaseFetcher, 'fetch'>;
  pullLimit(collection: string): number;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly News[]): void;
}

type FetchParts = Pick<FeedParts, 'replica' | 'fetcher' | 'commit' | 'tell'>;

/** Entities that are fetched at the same time. */
export const fetchesAtOnce = 6;

/**
 * Reads the feed of a collection from its cursor to its end. `newEpoch`: the pages are of another life of the server's data.
 * `aborted`: the rest is read another time. Throws what the backend threw, or `bad-response`; an entity that it mentions and refuses
 * to show stays as it was, and that is thrown when the end is reached: it holds up no other (G8).
 */
export async function readFeed(
  parts: FeedParts,
  collection: string,
  signal: AbortSignal,
): Promise<'caughtUp' | 'newEpoch' | 'aborted'> {
  let cursor = parts.replica.feed.cursors.get(collection) ?? null;
  const isUnanswered = (slot: EntitySlot): boolean => parts.outbox.lane(slot).unknown;
  const slots = parts.replica.slots(collection);
  let snapshot: Snapshot | null = cursor === null ? createSnapshot(slots, isUnanswered) : null;
  /** The feed may have gone on while the pages of a snapshot were read. One that is nothing but snapshots has no more to say. */
  let isPastSnapshot = false;
  let refusal: SyncError | null = null;
  const caughtUp = (): 'caughtUp' => {
    if (refusal) throw refusal;
    return 'caughtUp';
  };
  for (;;) {
    const asked = parts.epoch();
    let page: ChangePage;
    try {
      page = readPage(await parts.backend.changes(collection, { cursor, limit: parts.pullLimit(collection) }), cursor);
    } catch (error) {
      if (isPastSnapshot && isCursorExpired(error)) return caughtUp();
      throw error;
    }
    if (signal.aborted) return 'aborted';
    const life = parts.hearEpoch(asked, epochOf(page));
    if (life === 'new') return 'newEpoch';
    if (life === 'unsure') continue;
    if (snapshot && page.snapshot !== true) snapshot = null;
    if (snapshot) {
      snapshot.firstCursor ??= page.cursor;
      for (const { id } of page.changes) snapshot.mention(id);
    }
    const isEnd = !page.hasMore;
    const end = snapshot ? replayCursor(snapshot, page) : page.cursor;
    const last = isEnd ? snapshot : null;
    const refused = await takePage(parts, collection, page.changes, {
      cursor: snapshot && !isEnd ? undefined : end,
      last,
    });
    refusal ??= refused;
    if (signal.aborted) return 'aborted';
    isPastSnapshot = page.snapshot === true && isEnd && cursor !== null && cursor !== page.cursor;
    if (isEnd && end === page.cursor && !isPastSnapshot) return caughtUp();
    if (isEnd) snapshot = null;
    cursor = isEnd ? end : page.cursor;
  }
}

function replayCursor(snapshot: Snapshot, page: ChangePage): string {
  return page.replayFrom ?? snapshot.firstCursor ?? page.cursor;
}

/**
 * What has to be fetched is fetched first: the rest is judged by the state that it is then applied to, in one tick. `last`: the
 * snapshot that the page ends. What it did not mention goes together with the cursor, or not at all. Where something is pending,
 * the backend is asked before: the snapshot may be a cache's, from before the entity was made, and no such absence ends a write (G12).
 * Gives the first refusal to show what a change mentions.
 */
async function takePage(
  parts: FeedParts,
  collection: string,
  changes: readonly RemoteChange[],
  { cursor, last }: { readonly cursor: string | undefined; readonly last: Snapshot | null },
): Promise<SyncError | null> {
  const fetched = new Set<string>();
  let refusal: SyncError | null = null;
  for (;;) {
    const rest = fetched.size === 0 ? changes : changes.filter(({ id }) => !fetched.has(id));
    const { entries, foreign, toFetch } = parts.taker.take(collection, rest, cursor);
    const doubtful = last?.missing().filter(({ id, state }) => state.work !== null && !fetched.has(id)) ?? [];
    if (toFetch.length === 0 && doubtful.length === 0) {
      const gone = last ? removalOf(collection, last) : { entries: [], news: [] };
      const all = [...gone.entries, ...entries];
      if (all.length > 0) void parts.commit(all);
      parts.tell([...gone.news, ...foreign]);
      return refusal;
    }
    const group = [...toFetch, ...doubtful].slice(0, fetchesAtOnce);
    const refusals = await Promise.all(
      group.map((each) => ('record' in each ? fetchChange(parts, each) : lookUp(parts, each, last))),
    );
    refusal ??= refusals.find((each) => each !== null) ?? null;
    for (const { id } of group) fetched.add(id);
  }
}

/** Takes over the backend's state of an entity of which a change says only that there is something. Gives the refusal to show it. */
export async function fetchChange(parts: FetchParts, { collection, id }: RemoteChange): Promise<SyncError | null> {
  const result = await fetchSlot(parts, parts.replica.slot(collection, id));
  if (result.type === 'found') return null;
  if (result.verdict.type === 'refused') return errorOf(result);
  throw errorOf(result);
}

/** Refused, it is gone for this reader, as the snapshot said. */
async function lookUp(parts: FetchParts, slot: EntitySlot, snapshot: Snapshot | null): Promise<null> {
  const result = await fetchSlot(parts, slot);
  if (result.type === 'found') snapshot?.mention(slot.id);
  else if (result.verdict.type !== 'refused') throw errorOf(result);
  return null;
}

async function fetchSlot(parts: FetchParts, slot: EntitySlot): Promise<Fetched> {
  const result = await parts.fetcher.fetch(slot);
  if (result.type === 'failed') return result;
  const news = newsOf(slot, result.base, 'told');
  void parts.commit([entryOf(slot, { type: 'receive', base: result.base, trusted: true })]);
  parts.tell(news);
  return result;
}

function errorOf({ verdict }: Fetched & { type: 'failed' }): SyncError {
  const { code, message, status } = verdict.error;
  return new SyncError(code, message, { status });
}

function removalOf(
  collection: string,
  snapshot: Snapshot,
): { readonly entries: readonly JournalEntry[]; readonly news: readonly News[] } {
  const gone: Base = { entity: null, version: null, updatedAt: null };
  const missing = snapshot.missing();
  if (missing.length === 0) return { entries: [], news: [] };
  const changes = missing.map(({ id }) => ({ id, base: gone, trusted: true }));
  return {
    entries: [{ type: 'feed', collection, changes }],
    news: missing.flatMap((slot) => newsOf(slot, gone, 'told')),
  };
}

function readPage(answer: unknown, asked: string | null): ChangePage {
  const { changes, cursor, hasMore } = (answer ?? {}) as Partial<ChangePage>;
  if (!Array.isArray(changes) || typeof cursor !== 'string' || typeof hasMore !== 'boolean')
    throw new SyncError('bad-response', 'The answer is no page of changes: it needs changes, cursor and hasMore.');
  const stray = changes.findIndex((change) => !isChange(change));
  if (stray >= 0)
    throw new SyncError(
      'bad-response',
      `Change ${stray} of the page is none: it needs a collection, an id and a record.`,
    );
  if (hasMore && cursor === asked)
    throw new SyncError('bad-response', 'The page says that there is more, and gives the cursor that was asked with.');
  return answer as ChangePage;
}

/** Whether something that a backend sent is a change at all; of what it says nothing is known yet. */
export function isChange(value: unknown): value is RemoteChange {
  if (typeof value !== 'object' || value === null) return false;
  const { collection, id, record } = value as Partial<RemoteChange>;
  return typeof collection === 'string' && typeof id === 'string' && typeof record === 'object' && record !== null;
}
