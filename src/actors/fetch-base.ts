import type { Base } from '../core/entity.ts';
import { newsOf, type News } from '../feed/news.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { toBase } from '../outbox/told-base.ts';
import { epochOf } from '../outbox/told-epoch.ts';
import { judgeError, type Sent, type Verdict } from '../outbox/verdict.ts';
import type { Clock } from '../ports/environment.ts';
import { entryOf, type JournalEntry } from '../store/entry.ts';
import { newestKnown, type EntityState } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';
import { isSameState } from '../store/versions.ts';
import type { BackOff } from './back-off.ts';
import type { Backend } from './backend.ts';
import type { DrainRound } from './drain-round.ts';
import { fromAnotherLife, type KnownLife } from './life.ts';

/** The backend's state of an entity, or why it is not known. */
export type Fetched =
  | { readonly type: 'found'; readonly base: Base; readonly epoch: string | null }
  | { readonly type: 'failed'; readonly verdict: FailedVerdict };

type FailedVerdict = Exclude<Verdict, { type: 'acknowledged' | 'conflict' | 'epochChanged' }>;

/** Asks the backend for its state of an entity: where a request cannot be made without it, or must not be. */
export interface BaseFetcher {
  /** Whether the backend cannot tell a stale write by itself, so that its state is looked at before each request. */
  mustCompare(slot: EntitySlot): boolean;
  fetch(slot: EntitySlot): Promise<Fetched>;
  /** Fetches and takes in; gives those that are up to date now. */
  fetchAll(slots: readonly EntitySlot[], round: DrainRound): Promise<EntitySlot[]>;
}

export interface FetcherParts extends KnownLife {
  readonly backend: Backend;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly backOff: BackOff;
  isCompared(collection: string): boolean;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  generation(): number;
  /** Tells what came back; null: what was asked for. */
  hear(verdict: Verdict | null, round: DrainRound, generation: number): void;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly News[]): void;
}

const maxTries = 3;

const absent: Base = { entity: null, version: null, updatedAt: null };

export function createBaseFetcher(parts: FetcherParts): BaseFetcher {
  const { backend, outbox } = parts;

  /** What is sealed and was never sent, or definitely not taken, is looked at again: others may have come before it since. */
  function mustCompare(slot: EntitySlot): boolean {
    return parts.isCompared(slot.collection) && !(slot.state.work?.request && outbox.lane(slot).unknown);
  }

  /** An answer that was overtaken by what came meanwhile, or by a new life, is stale: asked for again, so that no version goes backwards (G10). */
  async function fetch(slot: EntitySlot): Promise<Fetched> {
    for (let tries = 1; ; tries += 1) {
      const before = slot.state;
      const asked = parts.epoch();
      const fetched = await fetchOnce(slot);
      if (fetched.type === 'failed') return fetched;
      const isOfThisLife = parts.hearEpoch(asked, fetched.epoch) === 'known';
      const isLast = tries === maxTries;
      if (isOfThisLife && (isLast || !isOvertaken(fetched.base, before, slot.state))) return fetched;
      if (isLast) return { type: 'failed', verdict: fromAnotherLife };
    }
  }

  async function fetchOnce(slot: EntitySlot): Promise<Fetched> {
    const of = { collection: slot.collection, entityId: slot.id, versionOptional: parts.isCompared(slot.collection) };
    const about: Sent = { ...of, type: 'update', result: null, maybeApplied: false };
    try {
      const record = await backend.get(slot.collection, slot.id);
      const base = record === null || record === undefined ? absent : toBase(of, record);
      return base ? { type: 'found', base, epoch: epochOf(record) } : { type: 'failed', verdict: unanswered(about) };
    } catch (error) {
      const verdict = judgeError(about, error);
      if (verdict.type === 'conflict') return { type: 'found', base: verdict.remote, epoch: verdict.epoch ?? null };
      const isUnread = verdict.type === 'acknowledged' || verdict.type === 'epochChanged';
      return { type: 'failed', verdict: isUnread ? unanswered(about) : verdict };
    }
  }

  /**
   * Refused: parked, as the request would have been that could not be made, unless a conflict has told the backend's state
   * meanwhile. Else it is looked at another time.
   */
  function miss(slot: EntitySlot, verdict: FailedVerdict): void {
    if (slot.state.work?.conflict) return outbox.change(slot, { attempts: 0, notBefore: 0 });
    if (verdict.type === 'refused' || verdict.type === 'tooLarge') {
      outbox.change(slot, { attempts: 0, notBefore: 0 });
      return void parts.commit([entryOf(slot, { type: 'park', key: null, error: verdict.error })]);
    }
    const attempts = outbox.lane(slot).attempts + 1;
    const delayMs = parts.backOff(attempts - 1);
    outbox.change(slot, { attempts, notBefore: verdict.type === 'unanswered' ? parts.clock.now() + delayMs : 0 });
  }

  async function fetchOne(slot: EntitySlot, round: DrainRound): Promise<EntitySlot[]> {
    const generation = parts.generation();
    const fetched = await fetch(slot);
    parts.hear(fetched.type === 'failed' ? fetched.verdict : null, round, generation);
    if (fetched.type === 'failed') {
      miss(slot, fetched.verdict);
      return [];
    }
    outbox.change(slot, { attempts: 0 });
    const { base } = fetched;
    const news = newsOf(slot, base);
    const overtaken =
      mustCompare(slot) && !isSameState(base, slot.state.base ?? absent) ? slot.state.work?.request : null;
    void parts.commit([
      ...(overtaken ? [entryOf(slot, { type: 'unseal', key: overtaken.idempotencyKey })] : []),
      entryOf(slot, { type: 'receive', base, trusted: true }),
    ]);
    parts.tell(news);
    return [slot];
  }

  return {
    mustCompare,
    fetch,
    async fetchAll(slots, round) {
      const fetched = await Promise.all(slots.map((slot) => fetchOne(slot, round)));
      return fetched.flat();
    },
  };
}

function isOvertaken(base: Base, before: EntityState, now: EntityState): boolean {
  const known = newestKnown(now);
  if (!known || known === newestKnown(before) || isSameState(known, base)) return false;
  const isLater = typeof base.version === 'number' && typeof known.version === 'number' && base.version > known.version;
  return !isLater;
}

function unanswered(about: Sent): FailedVerdict {
  const error = {
    code: 'bad-response',
    message: `The backend's answer about ${about.collection}/${about.entityId} is no record of it.`,
  } as const;
  return { type: 'unanswered', error, reach: 'unreachable', retryAfterMs: 0 };
}
