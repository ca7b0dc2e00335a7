import type { Base } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import type { RequestOutcome } from '../ports/api-client.ts';
import { foldOperations } from '../outbox/fold.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { judgeError, judgeRecord, nothingSent, type Sent, type Verdict } from '../outbox/verdict.ts';
import { isUnordered } from '../store/versions.ts';
import { viewAfter } from '../store/entity-transition.ts';
import { entryOf, type JournalEntry, type SealedRequest } from '../store/entry.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { Backend, Outgoing } from './backend.ts';
import type { Fetched } from './fetch-base.ts';
import type { DrainRound } from './drain-round.ts';
import { fromAnotherLife, type KnownLife } from './life.ts';
import type { VerdictHandler } from './handle-verdict.ts';
import type { Turns } from './turns.ts';

/**
 * Seals claimed entities and, in turn, sends them, together when there are several, and makes the verdicts facts. What is sealed when the
 * round has stopped is not sent. Never rejects.
 */
export interface Sender {
  send(slots: readonly EntitySlot[], round: DrainRound, turns: Turns): Promise<void>;
}

export interface SenderParts extends KnownLife {
  readonly backend: Backend;
  readonly outbox: Outbox;
  readonly handler: VerdictHandler;
  /** Makes entries facts; resolves when they are durable. */
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** Calls once as soon as the storage is known to fail: then nothing can be sealed, and what is durable goes out all the same (G19). Returns the end of waiting. */
  whenStorageFails(listener: () => void): () => void;
  newKey(): string;
  isCompared(collection: string): boolean;
  /**
   * Some field is a counter: two alike changes are two. A backend that knows repeats answers them before it looks at versions,
   * so a conflict with a state like our own result is somebody else's alike change there (S5).
   */
  counts(collection: string): boolean;
  /** The batch was too large for the backend: fewer at once from now on. */
  shrinkBatches(size: number): void;
  /** Counts token refreshes, see the auth machine. */
  generation(): number;
  /** The backend's state of the entity. */
  fetch(slot: EntitySlot): Promise<Fetched>;
}

interface Sealed {
  readonly slot: EntitySlot;
  readonly request: SealedRequest;
  readonly sent: Sent;
  readonly outgoing: Outgoing;
}

type OpenVerdict = Verdict & { readonly type: 'unanswered' | 'deferred' };

export function createSender(parts: SenderParts): Sender {
  const { backend, outbox, handler } = parts;

  /** Folds and seals what is not sealed yet, all in one journal record (S1). */
  async function seal(slots: readonly EntitySlot[]): Promise<void> {
    const entries: JournalEntry[] = [];
    for (const slot of slots) {
      const count = outbox.durablePrefix(slot);
      if (slot.state.work?.request || count === 0) continue;
      const folded = foldOperations(slot, count, parts.newKey());
      const step =
        folded.type === 'request'
          ? ({ type: 'seal', request: folded.request } as const)
          : ({ type: 'annihilate', operationIds: folded.operationIds } as const);
      entries.push(entryOf(slot, step));
    }
    if (entries.length > 0) await storedOrFailing(entries);
  }

  async function storedOrFailing(entries: readonly JournalEntry[]): Promise<void> {
    let stopWaiting: () => void = () => undefined;
    const failing = new Promise<void>((resolve) => {
      stopWaiting = parts.whenStorageFails(resolve);
    });
    await Promise.race([parts.commit(entries), failing]).finally(stopWaiting);
  }

  function prepare(slot: EntitySlot): Sealed[] {
    const request = slot.state.work?.request;
    if (!request) return [];
    const lane = outbox.lane(slot);
    const view = viewAfter(slot.state, request.operationIds.length);
    const entity =
      request.type === 'delete' || !view ? null : { ...(request.entity ?? view), updatedAt: request.timestamp };
    const sent: Sent = {
      collection: slot.collection,
      entityId: slot.id,
      type: request.type,
      result: entity,
      maybeApplied: lane.unknown && !(backend.isIdempotent && parts.counts(slot.collection)),
      versionOptional: parts.isCompared(slot.collection),
    };
    return [{ slot, request, sent, outgoing: { request, entity, attempt: lane.attempts + 1 } }];
  }

  /**
   * Where versions do not tell whether what was told meanwhile came before the answer or after it, the backend is asked what is
   * there now (S12). As long as it does not say, the outcome is not known.
   */
  async function ordered({ slot, request }: Sealed, verdict: Verdict): Promise<Verdict> {
    const told = slot.state.work?.foreign;
    const answered = stateIn(verdict);
    if (!told || !answered || !isUnordered(told, answered)) return verdict;
    const fetched = await parts.fetch(slot);
    if (slot.state.work?.request?.idempotencyKey !== request.idempotencyKey) return verdict;
    if (fetched.type === 'failed') return isOpen(fetched.verdict) ? untold(fetched.verdict) : verdict;
    return verdict.type === 'conflict'
      ? { ...verdict, remote: fetched.base }
      : { type: 'acknowledged', base: answered, now: fetched.base };
  }

  /** A backend that does not recognise repeats is asked again, not sent the request. */
  const untold = (verdict: OpenVerdict): Verdict =>
    backend.isIdempotent ? verdict : { ...verdict, type: 'unanswered' };

  /** What was said of a request in one life of the server's data says nothing of it in another (S39). `asked`: what was known when it was sent. */
  async function heardIn(asked: string | null, sealed: Sealed, said: Verdict): Promise<Verdict> {
    const isOfThisLife = () => parts.hearEpoch(asked, epochIn(said)) === 'known';
    const verdict = isOfThisLife() ? await ordered(sealed, said) : said;
    return isOfThisLife() || sealed.slot.state.work?.request !== sealed.request ? verdict : fromAnotherLife;
  }

  async function sendOne(sealed: Sealed, round: DrainRound): Promise<void> {
    const generation = parts.generation();
    const asked = parts.epoch();
    const verdict = await backend.send(sealed.outgoing).then(
      (record) => judgeRecord(sealed.sent, record),
      (error: unknown) => judgeError(sealed.sent, error),
    );
    handler.handle([{ ...sealed, verdict: await heardIn(asked, sealed, alone(verdict)) }], round, generation);
  }

  async function sendBatch(batch: readonly Sealed[], round: DrainRound): Promise<void> {
    const generation = parts.generation();
    const asked = parts.epoch();
    let outcomes: ReadonlyMap<string, RequestOutcome>;
    try {
      outcomes = readOutcomes(await backend.sendAll(batch.map(({ outgoing }) => outgoing)));
    } catch (error) {
      const refusal = judgeWhole(batch[0], error);
      const isStale = refusal.type === 'epochChanged' && asked !== parts.epoch();
      return sendAfterRefusal(batch, isStale ? fromAnotherLife : refusal, round, generation);
    }
    const judged = batch.map(async (sealed) => ({
      ...sealed,
      verdict: await heardIn(asked, sealed, judgeOutcome(sealed, outcomes.get(sealed.request.idempotencyKey))),
    }));
    handler.handle(await Promise.all(judged), round, generation);
  }

  /** A batch that threw says nothing of its members (S37): too large is halved, the rest goes again later. */
  async function sendAfterRefusal(
    batch: readonly Sealed[],
    verdict: Verdict,
    round: DrainRound,
    generation: number,
  ): Promise<void> {
    if (verdict.type !== 'tooLarge') {
      return handler.handleWhole(batch, verdict, round, generation);
    }
    const half = Math.ceil(batch.length / 2);
    parts.shrinkBatches(half);
    await transmit(batch.slice(0, half), round);
    if (!round.isStopped) await transmit(batch.slice(half), round);
  }

  /** Where versions are not checked, what was told since the request was made would be overwritten (G6), unless it is a repeat that is recognised. */
  function wouldOverwrite({ slot }: Sealed): boolean {
    if (!parts.isCompared(slot.collection) || !slot.state.work?.foreign) return false;
    return !(backend.isIdempotent && outbox.lane(slot).unknown);
  }

  async function transmit(sealed: readonly Sealed[], round: DrainRound): Promise<void> {
    const overwriting = new Set(sealed.filter(wouldOverwrite));
    for (const { slot, request } of overwriting) handler.withdraw(slot, request);
    const batch = sealed.filter((each) => !overwriting.has(each));
    const [first] = batch;
    if (!first) return;
    for (const { slot, outgoing } of batch) outbox.change(slot, { attempts: outgoing.attempt });
    await (batch.length === 1 ? sendOne(first, round) : sendBatch(batch, round));
  }

  return {
    async send(slots, round, turns) {
      await seal(slots);
      await turns.take(async () => {
        if (!round.isStopped) await transmit(slots.flatMap(prepare), round);
      });
    },
  };
}

function readOutcomes(answer: unknown): ReadonlyMap<string, RequestOutcome> {
  if (!Array.isArray(answer))
    throw new SyncError('bad-response', 'The batch was answered with something that is no list.');
  const outcomes = new Map<string, RequestOutcome>();
  for (const outcome of answer as readonly unknown[]) {
    if (typeof outcome !== 'object' || outcome === null) continue;
    const { idempotencyKey } = outcome as RequestOutcome;
    if (typeof idempotencyKey === 'string' && !outcomes.has(idempotencyKey))
      outcomes.set(idempotencyKey, outcome as RequestOutcome);
  }
  return outcomes;
}

function judgeOutcome({ sent }: Sealed, outcome: RequestOutcome | undefined): Verdict {
  if (!outcome) return judgeError(sent, new SyncError('bad-response', 'The batch answer leaves this request out.'));
  return alone('error' in outcome ? judgeError(sent, outcome.error) : judgeRecord(sent, outcome.record));
}

/** The state that the backend answered with. */
function stateIn(verdict: Verdict): Base | null {
  if (verdict.type === 'acknowledged') return verdict.base;
  return verdict.type === 'conflict' ? verdict.remote : null;
}

/** The life of the server's data that the answer says it is of. */
function epochIn(verdict: Verdict): string | null {
  return verdict.type === 'acknowledged' || verdict.type === 'conflict' ? (verdict.epoch ?? null) : null;
}

/** Asked again, it may be answered. */
function isOpen(verdict: Verdict): verdict is OpenVerdict {
  return verdict.type === 'unanswered' || verdict.type === 'deferred';
}

/** Too large on its own: nothing is left to halve. */
function alone(verdict: Verdict): Verdict {
  return verdict.type === 'tooLarge' ? { type: 'refused', error: verdict.error } : verdict;
}

/** What a throw says of a whole batch; a refusal of one operation cannot be meant. */
function judgeWhole(first: Sealed | undefined, error: unknown): Verdict {
  const verdict = judgeError(first?.sent ?? nothingSent, error);
  switch (verdict.type) {
    case 'acknowledged':
    case 'conflict':
    case 'refused':
      return judgeError(
        nothingSent,
        new SyncError('bad-response', 'A refusal of one operation was reported for a whole batch.'),
      );
    case 'tooLarge':
    case 'deferred':
    case 'unanswered':
    case 'misconfigured':
    case 'epochChanged':
      return verdict;
  }
}
