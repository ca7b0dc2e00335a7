import { createHybridClock } from '../core/hybrid-clock.ts';
import type { Clocks } from '../core/resolve.ts';
import { isoOf } from '../core/stamp.ts';
import { createUuidGenerator } from '../core/uuid.ts';
import type { OperationMark } from '../outbox/compose-operation.ts';
import type { Environment } from '../ports/environment.ts';

/** Who this writer is, and what it stamps its operations with (S6). */
export interface Identity {
  /** One open service in one page load or process. */
  readonly clientId: string;
  newId(): string;
  mark(id: string): OperationMark;
  /** ISO 8601, of the wall clock. */
  nowIso(): string;
  /** The server's time and how far it is ahead of this device's, as estimated. */
  clocks(): Clocks;
  /** Newest stamp known. */
  stamp(): string | null;
  /** A stamp of this client's past. */
  restore(stamp: string): void;
  /** A stamp from elsewhere. */
  receive(stamp: string): void;
}

export function createIdentity(
  { clock, random }: Pick<Environment, 'clock' | 'random'>,
  offsetMs: () => number | null,
): Identity {
  const newId = createUuidGenerator(() => clock.now(), random);
  const hybrid = createHybridClock({ now: () => clock.now(), serverOffsetMs: offsetMs });
  const clientId = newId();
  let sequence = 0;
  return {
    clientId,
    newId,
    mark(id) {
      sequence += 1;
      return { id, clientId, sequence, timestamp: hybrid.tick() };
    },
    nowIso: () => isoOf(clock.now()),
    clocks() {
      const clockOffsetMs = offsetMs() ?? 0;
      return { serverNowMs: clock.now() + clockOffsetMs, clockOffsetMs };
    },
    stamp: () => hybrid.current(),
    restore: (stamp) => hybrid.restore(stamp),
    receive: (stamp) => hybrid.receive(stamp),
  };
}
