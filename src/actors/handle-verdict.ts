import type { Base } from '../core/entity.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { RequestPurpose } from '../../machines/facts.ts';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import { newsOf, type News } from '../feed/news.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { ownEffectIn, settled } from '../outbox/own-effect.ts';
import type { Verdict } from '../outbox/verdict.ts';
import type { Clock } from '../ports/environment.ts';
import { entryOf, type EntityStep, type JournalEntry, type SealedRequest } from '../store/entry.ts';
import type { EntitySlot } from '../store/replica.ts';
import { isSameState } from '../store/versions.ts';
import type { BackOff } from './back-off.ts';
import type { DrainRound } from './drain-round.ts';

export interface Judged {
  readonly slot: EntitySlot;
  readonly request: SealedRequest;
  readonly verdict: Verdict;
}

/** Turns verdicts into facts in the journal, lanes that wait, and news for the machines. */
export interface VerdictHandler {
  handle(judged: readonly Judged[], round: DrainRound, generation: number): void;
  /** Tells the round and the machines what came back, where no request was sent; null: what was asked for. */
  hear(verdict: Verdict | null, round: DrainRound, generation: number): void;
  /**
   * What was told since the request was made would be overwritten. It is closed and made anew; where it may have gone before,
   * its outcome is asked for.
   */
  withdraw(slot: EntitySlot, request: SealedRequest): void;
  /** One verdict on a whole batch. */
  handleWhole(
    batch: readonly { readonly slot: EntitySlot; readonly request: SealedRequest }[],
    verdict: Verdict,
    round: DrainRound,
    generation: number,
  ): void;
}

export interface VerdictParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly backOff: BackOff;
  readonly isIdempotent: boolean;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  report(event: RootEvent): void;
  newId(): string;
  /** ISO 8601. */
  nowIso(): string;
  /** The key belongs to a request of ours that the backend applied. */
  acknowledged(key: string): void;
  /** Nothing got through, and why. */
  failed(error: SyncErrorInfo): void;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly News[]): void;
  /** The server's data began a new life. */
  epochChanged(epoch: string | null): void;
}

export function createVerdictHandler(parts: VerdictParts): VerdictHandler {
  const { outbox } = parts;

  function stepsFor({ request, verdict }: Judged): readonly EntityStep[] {
    const key = request.idempotencyKey;
    switch (verdict.type) {
      case 'acknowledged':
        return settled(key, verdict);
      case 'conflict':
        return [{ type: 'conflict', key, remote: verdict.remote, id: parts.newId(), at: parts.nowIso() }];
      case 'refused':
      case 'tooLarge':
        return [{ type: 'park', key, error: verdict.error }];
      case 'epochChanged':
        return request.type === 'create' ? [] : [{ type: 'unseal', key }];
      case 'deferred':
      case 'unanswered':
      case 'misconfigured':
        return [];
    }
  }

  /** Where repeats are not recognised, what is in the way may be what an earlier attempt of the request made (S5). */
  function recognised(judged: Judged): Judged {
    const { slot, request, verdict } = judged;
    if (verdict.type !== 'conflict' || parts.isIdempotent || !outbox.lane(slot).unknown) return judged;
    const own = slot.state.work?.request === request ? ownEffectIn(slot.state, verdict.remote) : null;
    return own ? { ...judged, verdict: { type: 'acknowledged', ...own } } : judged;
  }

  /** The request goes again under the same key. Without an answer nobody knows whether it was applied. */
  function wait(slot: EntitySlot, verdict: Verdict & { type: 'deferred' | 'unanswered' }, isAlone: boolean): void {
    const { attempts, unknown } = outbox.lane(slot);
    const isUnknown = unknown || verdict.type === 'unanswered';
    const asking = isUnknown && !parts.isIdempotent;
    const delayMs = parts.backOff(attempts - 1);
    const notBefore = verdict.type === 'unanswered' && (isAlone || asking) ? parts.clock.now() + delayMs : 0;
    outbox.change(slot, { unknown: isUnknown, asking, notBefore });
    if (asking) reportLost(slot);
  }

  function reportLost(slot: EntitySlot): void {
    parts.report({
      type: 'entity.tell',
      collection: slot.collection,
      entityId: slot.id,
      event: { type: 'outcome.lost' },
      trouble: 'unknown',
    });
  }

  function noteRound(verdict: Verdict, round: DrainRound, generation: number): void {
    switch (verdict.type) {
      case 'unanswered':
      case 'deferred':
        parts.failed(verdict.error);
        return round.failed(verdict, generation);
      case 'misconfigured':
        parts.failed(verdict.error);
        parts.report({ type: 'configuration.broken' });
        return round.stop();
      case 'epochChanged':
        parts.epochChanged(verdict.epoch);
        return round.stop();
      case 'acknowledged':
      case 'conflict':
      case 'refused':
      case 'tooLarge':
        return round.progressed();
    }
  }

  function noteAnswer(
    verdicts: readonly Verdict[],
    round: DrainRound,
    generation: number,
    purpose: RequestPurpose = 'write',
  ): void {
    const isAnswer = (verdict: Verdict) =>
      verdict.type !== 'unanswered' && (verdict.type !== 'deferred' || verdict.reach === 'answered');
    if (verdicts.some(isAnswer)) {
      round.answered();
      parts.report({ type: 'request.authorized', generation, purpose });
    } else if (verdicts.some((verdict) => verdict.type === 'unanswered' && verdict.reach === 'answered')) {
      round.answered();
      parts.report({ type: 'backend.answered' });
    }
  }

  return {
    hear(verdict, round, generation) {
      if (verdict) {
        noteRound(verdict, round, generation);
        return noteAnswer([verdict], round, generation, 'read');
      }
      round.answered();
      parts.report({ type: 'request.authorized', generation, purpose: 'read' });
    },
    handle(answers, round, generation) {
      const entries: JournalEntry[] = [];
      const judged = answers.map(recognised);
      for (const each of judged) {
        const { slot, verdict, request } = each;
        const steps = stepsFor(each);
        if (verdict.type === 'acknowledged') parts.acknowledged(request.idempotencyKey);
        if (verdict.type === 'deferred' || verdict.type === 'unanswered') wait(slot, verdict, true);
        if (steps.length > 0) outbox.change(slot, { attempts: 0, unknown: false, asking: false, notBefore: 0 });
        for (const step of steps) entries.push(entryOf(slot, step));
      }
      const news = judged.flatMap(({ slot, verdict }) => {
        const foreign = foreignIn(verdict);
        return foreign ? newsOf(slot, foreign, 'told') : [];
      });
      if (entries.length > 0) void parts.commit(entries);
      parts.tell(news);
      const verdicts = judged.map(({ verdict }) => verdict);
      for (const verdict of verdicts) noteRound(verdict, round, generation);
      noteAnswer(verdicts, round, generation);
    },
    withdraw(slot, { idempotencyKey: key }) {
      const { unknown, attempts } = outbox.lane(slot);
      if (!unknown) {
        void parts.commit([entryOf(slot, { type: 'unseal', key })]);
        return;
      }
      outbox.change(slot, { asking: true, notBefore: parts.clock.now() + parts.backOff(attempts) });
      reportLost(slot);
    },
    handleWhole(batch, verdict, round, generation) {
      if (verdict.type === 'epochChanged') {
        return this.handle(
          batch.map((each) => ({ ...each, verdict })),
          round,
          generation,
        );
      }
      for (const { slot } of batch)
        if (verdict.type === 'unanswered' || verdict.type === 'deferred') wait(slot, verdict, false);
      noteRound(verdict, round, generation);
      if (verdict.type === 'unanswered') round.stop();
      noteAnswer([verdict], round, generation);
    },
  };
}

/** The state that somebody else has made, as far as the verdict tells of one. */
function foreignIn(verdict: Verdict): Base | null {
  if (verdict.type === 'conflict') return verdict.remote;
  if (verdict.type !== 'acknowledged' || !verdict.now) return null;
  return isSameState(verdict.now, verdict.base) ? null : verdict.now;
}
