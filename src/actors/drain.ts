import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { DrainInput, DrainOutcome } from '../../machines/queue.machine.ts';
import { toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import { awaitsBase } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { toSyncError } from '../outbox/thrown-errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { BackOff } from './back-off.ts';
import type { BaseFetcher } from './fetch-base.ts';
import { createDrainRound, type DrainRound } from './drain-round.ts';
import type { Sender } from './send-requests.ts';
import { createTurns, type Turns } from './turns.ts';

export interface DrainParts {
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly fetcher: BaseFetcher;
  readonly clock: Clock;
  readonly backOff: BackOff;
  failed(error: SyncErrorInfo): void;
  /** Entities per batch; 1 without `batch`. */
  batchSize(): number;
  /** Requests, or batches of them, at the same time. */
  readonly concurrency: number;
  /** The way is open: outcomes whose time has come are asked for again. */
  askOutcomes(): void;
}

/**
 * Sends what can be sent, in order, several entities at a time, until nothing is left or nothing gets through. Where each goes
 * alone, as many again are sealed ahead: the storage is not waited for between one request and the next. When half of those are
 * gone they are filled up, all in one journal record.
 */
export function createDrain(parts: DrainParts): PromiseActorLogic<DrainOutcome, DrainInput> {
  return fromPromise<DrainOutcome, DrainInput>(({ input, signal }) => drain(parts, input.attempt, signal));
}

async function drain(parts: DrainParts, attempt: number, signal: AbortSignal): Promise<DrainOutcome> {
  const { outbox, clock, concurrency } = parts;
  const round = createDrainRound(concurrency);
  const turns = createTurns(concurrency);
  const running = new Set<Promise<void>>();

  const run = (task: Promise<void>) => {
    const tracked = task.finally(() => running.delete(tracked));
    running.add(tracked);
  };

  signal.addEventListener('abort', () => round.stop(), { once: true });
  parts.askOutcomes();
  let isFilling = true;
  while (!round.isStopped) {
    const size = parts.batchSize();
    const ahead = size === 1 ? concurrency : 0;
    isFilling = running.size < concurrency + (isFilling ? ahead : ahead / 2);
    const taken = isFilling ? outbox.take(size, clock.now()) : [];
    if (taken.length > 0)
      run(exchange(parts, taken, round, turns).catch((error: unknown) => setBack(parts, taken, round, error)));
    else if (running.size > 0) await Promise.race([...running, outbox.arrival()]);
    else break;
  }
  await Promise.all(running);
  const deadline = outbox.nextDeadline();
  return round.outcome({
    delayMs: parts.backOff(attempt),
    nextDeadlineMs: deadline === null ? null : deadline - clock.now(),
  });
}

/** One exchange: an entity alone, or a batch. An entity whose base is missing gets it, and is sent another time. */
async function exchange(
  { outbox, sender, fetcher }: DrainParts,
  taken: readonly EntitySlot[],
  round: DrainRound,
  turns: Turns,
): Promise<void> {
  const { era } = outbox;
  const baseless = taken.filter((slot) => awaitsBase(slot.state));
  const compared = taken.filter((slot) => !awaitsBase(slot.state) && fetcher.mustCompare(slot));
  const plain = taken.filter((slot) => !baseless.includes(slot) && !compared.includes(slot));
  const fetchNeeded = async (): Promise<readonly EntitySlot[]> => {
    const [unchanged] = await Promise.all([fetcher.fetchAll(compared, round), fetcher.fetchAll(baseless, round)]);
    return unchanged;
  };
  try {
    const unchanged = plain.length === taken.length ? [] : await turns.take(fetchNeeded);
    const sendable = [...plain, ...unchanged].filter((slot) => outbox.maySend(slot));
    if (sendable.length > 0) await sender.send(sendable, round, turns);
  } finally {
    for (const slot of taken) outbox.release(slot, era);
  }
}

/** What cannot even be put into a request waits by itself; the others go on (G5). */
function setBack(
  { outbox, clock, backOff, failed }: DrainParts,
  slots: readonly EntitySlot[],
  round: DrainRound,
  thrown: unknown,
): void {
  for (const slot of slots) {
    const attempts = outbox.lane(slot).attempts + 1;
    outbox.change(slot, { attempts, notBefore: clock.now() + backOff(attempts - 1) });
  }
  const error = toErrorInfo(toSyncError(thrown));
  failed(error);
  round.failed({ type: 'unanswered', error, reach: 'answered', retryAfterMs: 0 }, 0);
}
