import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { BackendFact } from '../../machines/facts.ts';
import type { PullInput, PullOutcome } from '../../machines/feed.machine.ts';
import { SyncError } from '../core/errors.ts';
import { isAnswer, isCursorExpired, retryAfterOf, toSyncError } from '../outbox/thrown-errors.ts';
import { epochOf } from '../outbox/told-epoch.ts';
import type { BackOff } from './back-off.ts';
import type { Backend } from './backend.ts';
import { readFeed, type FeedParts } from './read-feed.ts';

export interface PullParts extends FeedParts {
  readonly backend: Backend;
  readonly backOff: BackOff;
  /** Collections whose feeds are followed. */
  followed(): readonly string[];
  report(event: BackendFact): void;
  generation(): number;
  /** The backend refused the epoch that is known; null: it did not say which one it is in. */
  noteEpoch(epoch: string | null): void;
  /** A collection is being brought up to date from now on. */
  began(collection: string): void;
  /** A collection is up to date, or could not be brought there. */
  ended(collection: string, error: SyncError | null): void;
}

type Failed = PullOutcome & { type: 'stopped' };

/** What became of one collection: `later` has to be read again, `hold` keeps the others from being read as well. */
type Pulled = { type: 'done' } | { type: 'later' | 'hold'; outcome: Failed } | { type: 'newEpoch' };

/** Reads the feed of every followed collection from its cursor to its end. One that fails holds up no other. */
export function createPull(parts: PullParts): PromiseActorLogic<PullOutcome, PullInput> {
  return fromPromise<PullOutcome, PullInput>(async ({ input, signal }) => {
    let later: Failed | null = null;
    for (const collection of parts.backend.canPull ? parts.followed() : []) {
      if (signal.aborted) break;
      const pulled = await pullCollection(parts, collection, signal, input.attempt);
      if (pulled.type === 'newEpoch') return { type: 'epochChanged' };
      if (pulled.type === 'hold') return pulled.outcome;
      if (pulled.type === 'later') later ??= pulled.outcome;
    }
    return later ?? { type: 'caughtUp' };
  });
}

async function pullCollection(
  parts: PullParts,
  collection: string,
  signal: AbortSignal,
  attempt: number,
): Promise<Pulled> {
  const generation = parts.generation();
  parts.began(collection);
  try {
    const end = await readAnew(parts, collection, signal);
    if (end === 'aborted') return { type: 'done' };
    parts.report({ type: 'request.authorized', generation, purpose: 'read' });
    if (end === 'newEpoch') return { type: 'newEpoch' };
    parts.ended(collection, null);
    return { type: 'done' };
  } catch (thrown) {
    if (signal.aborted) return { type: 'done' };
    const error = toSyncError(thrown);
    if (error.code === 'epoch-changed') {
      parts.noteEpoch(epochOf(error));
      return { type: 'newEpoch' };
    }
    parts.ended(collection, error);
    const told = tellOf(error, generation);
    if (told.fact?.type === 'backend.answered') parts.report(told.fact);
    if (told.type === 'done') return { type: 'done' };
    const fact = told.fact?.type === 'backend.answered' ? null : told.fact;
    const delayMs = retryAfterOf(error) + parts.backOff(attempt);
    return { type: told.type, outcome: { type: 'stopped', fact, delayMs } };
  }
}

/** Where the feed no longer reaches back to the cursor, everything is read anew; what is pending stays. */
async function readAnew(
  parts: PullParts,
  collection: string,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof readFeed>>> {
  try {
    return await readFeed(parts, collection, signal);
  } catch (thrown) {
    if (!isCursorExpired(thrown)) throw thrown;
  }
  void parts.commit([{ type: 'feed', collection, changes: [], cursor: null }]);
  try {
    return await readFeed(parts, collection, signal);
  } catch (thrown) {
    if (!isCursorExpired(thrown)) throw thrown;
    throw new SyncError('bad-response', `The backend calls a cursor expired that it has just given for ${collection}.`);
  }
}

/** What a failure says of the way to the backend, and whether the collection is asked for again by itself. */
function tellOf(
  error: SyncError,
  generation: number,
): { readonly type: 'done' | 'later' | 'hold'; readonly fact: BackendFact | null } {
  switch (error.code) {
    case 'unauthorized':
      return { type: 'hold', fact: { type: 'request.unauthorized', generation, purpose: 'read' } };
    case 'captive-portal':
      return { type: 'hold', fact: { type: 'backend.intercepted' } };
    case 'rate-limited':
      return { type: 'hold', fact: { type: 'backend.answered' } };
    case 'unavailable':
      return isAnswer(error)
        ? { type: 'later', fact: { type: 'backend.answered' } }
        : { type: 'hold', fact: { type: 'backend.unreachable' } };
    case 'timeout':
    case 'aborted':
      return { type: 'hold', fact: { type: 'backend.unreachable' } };
    case 'bad-response':
      return { type: 'later', fact: null };
    default:
      return { type: 'done', fact: { type: 'backend.answered' } };
  }
}
