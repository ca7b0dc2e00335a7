import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { BackendFact } from '../../machines/facts.ts';
import type { PullInput, PullOutcome } from '../../machines/feed.machine.ts';
import type { Base } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import type { ChangePage, RemoteChange } from '../core/record.ts';
import { createSnapshot, type Snapshot } from '../feed/snapshot.ts';
import { toSyncError } from '../outbox/verdict.ts';
import type { JournalEntry } from '../store/entry.ts';
import type { Replica } from '../store/replica.ts';
import { fullJitter, type RetryLimits } from './back-off.ts';
import type { Backend } from './backend.ts';
import type { BaseFetcher } from './fetch-base.ts';
import type { ChangeTaker } from './take-changes.ts';

export interface PullParts {
  readonly backend: Backend;
  readonly replica: Replica;
  readonly taker: ChangeTaker;
  readonly fetcher: BaseFetcher;
  readonly retry: RetryLimits;
  random(): number;
  /** Collections whose feeds are followed. */
  followed(): readonly string[];
  pullLimit(collection: string): number;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly { readonly change: RemoteChange; readonly base: Base }[]): void;
  report(event: BackendFact): void;
  generation(): number;
  /** A page names a life of the server's data; false: it is another than the one known. */
  checkEpoch(epoch: string | undefined): boolean;
  /** A collection is being brought up to date from now on. */
  began(collection: string): void;
  /** A collection is up to date, or could not be brought there. */
  ended(collection: string, error: SyncError | null): void;
}

/** Reads the feed of every followed collection from its cursor to its end. */
export function createPull(parts: PullParts): PromiseActorLogic<PullOutcome, PullInput> {
  return fromPromise<PullOutcome, PullInput>(async ({ input, signal }) => {
    if (!parts.backend.canPull) return { type: 'caughtUp' };
    for (const collection of parts.followed()) {
      if (signal.aborted) break;
      const outcome = await pullCollection(parts, collection, signal, input.attempt);
      if (outcome) return outcome;
    }
    return { type: 'caughtUp' };
  });
}

async function pullCollection(
  parts: PullParts,
  collection: string,
  signal: AbortSignal,
  attempt: number,
): Promise<PullOutcome | null> {
  const generation = parts.generation();
  parts.began(collection);
  try {
    const end = await readFeed(parts, collection, signal);
    if (end === 'aborted') return null;
    parts.report({ type: 'request.authorized', generation });
    if (end === 'newEpoch') return { type: 'epochChanged' };
    parts.ended(collection, null);
    return null;
  } catch (thrown) {
    const error = toSyncError(thrown);
    if (error.code === 'cursor-expired') return restart(parts, collection, signal, attempt);
    if (error.code === 'epoch-changed') return { type: 'epochChanged' };
    parts.ended(collection, error);
    const fact = factOf(error, generation);
    if (fact?.type === 'backend.answered') parts.report(fact);
    const asked = (error as Partial<{ retryAfterMs: number }>).retryAfterMs ?? 0;
    return {
      type: 'stopped',
      fact: fact?.type === 'backend.answered' ? null : fact,
      delayMs: asked + fullJitter(parts.retry, attempt, () => parts.random()),
    };
  }
}

/** The feed no longer reaches back to the cursor: everything is read anew, what is pending stays. */
async function restart(
  parts: PullParts,
  collection: string,
  signal: AbortSignal,
  attempt: number,
): Promise<PullOutcome | null> {
  if (parts.replica.feed.cursors.get(collection) === null) {
    const error = new SyncError('bad-response', `The backend calls a snapshot of ${collection} an expired cursor.`);
    parts.ended(collection, error);
    return { type: 'stopped', fact: null, delayMs: fullJitter(parts.retry, attempt, () => parts.random()) };
  }
  void parts.commit([{ type: 'feed', collection, changes: [], cursor: null }]);
  return pullCollection(parts, collection, signal, attempt);
}

/** `newEpoch`: the pages are of another life of the server's data. `aborted`: the rest is read another time. */
async function readFeed(
  parts: PullParts,
  collection: string,
  signal: AbortSignal,
): Promise<'caughtUp' | 'newEpoch' | 'aborted'> {
  let cursor = parts.replica.feed.cursors.get(collection) ?? null;
  let snapshot: Snapshot | null = cursor === null ? createSnapshot(parts.replica.slots(collection)) : null;
  for (;;) {
    const page = readPage(await parts.backend.changes(collection, { cursor, limit: parts.pullLimit(collection) }));
    if (signal.aborted) return 'aborted';
    if (!parts.checkEpoch(page.epoch)) return 'newEpoch';
    if (snapshot && page.snapshot !== true) snapshot = null;
    if (snapshot) {
      snapshot.firstCursor ??= page.cursor;
      for (const { id } of page.changes) snapshot.mention(id);
    }
    const isEnd = !page.hasMore;
    const isReplayed = snapshot !== null && isEnd && replayCursor(snapshot, page) !== page.cursor;
    const next = snapshot ? (isEnd ? replayCursor(snapshot, page) : undefined) : page.cursor;
    await takePage(parts, collection, page.changes, next);
    if (snapshot && isEnd) removeMissing(parts, collection, snapshot);
    if (isEnd && !isReplayed) return 'caughtUp';
    if (isEnd) snapshot = null;
    cursor = isReplayed && next !== undefined ? next : page.cursor;
  }
}

function replayCursor(snapshot: Snapshot, page: ChangePage): string {
  return page.replayFrom ?? snapshot.firstCursor ?? page.cursor;
}

async function takePage(
  parts: PullParts,
  collection: string,
  changes: readonly RemoteChange[],
  cursor: string | undefined,
): Promise<void> {
  const { entries, foreign, toFetch } = parts.taker.take(collection, changes, cursor);
  const fetched: JournalEntry[] = [];
  for (const id of toFetch) {
    const result = await parts.fetcher.fetch(parts.replica.slot(collection, id));
    if (result.type === 'failed') throw new SyncError('unavailable', result.verdict.error.message);
    fetched.push({ type: 'entity', collection, id, step: { type: 'receive', base: result.base, trusted: true } });
  }
  if (entries.length + fetched.length > 0) void parts.commit([...fetched, ...entries]);
  parts.tell(foreign);
}

function removeMissing(parts: PullParts, collection: string, snapshot: Snapshot): void {
  const gone: Base = { entity: null, version: null, updatedAt: null };
  const changes = snapshot.missing().map(({ id }) => ({ id, base: gone, trusted: true }));
  if (changes.length === 0) return;
  void parts.commit([{ type: 'feed', collection, changes }]);
  const told = changes.map(({ id, base }) => ({
    change: { collection, id, record: { entity: null, deleted: true } },
    base,
  }));
  parts.tell(told);
}

function readPage(answer: unknown): ChangePage {
  const { changes, cursor, hasMore } = (answer ?? {}) as Partial<ChangePage>;
  if (Array.isArray(changes) && typeof cursor === 'string' && typeof hasMore === 'boolean') return answer as ChangePage;
  throw new SyncError('bad-response', 'The answer is no page of changes: it needs changes, cursor and hasMore.');
}

function factOf(error: SyncError, generation: number): BackendFact | null {
  switch (error.code) {
    case 'unauthorized':
      return { type: 'request.unauthorized', generation };
    case 'captive-portal':
      return { type: 'backend.intercepted' };
    case 'rate-limited':
    case 'forbidden':
    case 'not-found':
    case 'rejected':
      return { type: 'backend.answered' };
    case 'unavailable':
      return error.status === undefined ? { type: 'backend.unreachable' } : { type: 'backend.answered' };
    default:
      return { type: 'backend.unreachable' };
  }
}
