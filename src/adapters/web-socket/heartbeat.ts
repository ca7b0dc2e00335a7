import type { Clock } from '../../ports/environment.ts';

/** Notices a connection that is dead though nothing says so. */
export interface Heartbeat {
  /** A frame came in, whichever. */
  heard(): void;
  /** Idempotent. */
  stop(): void;
}

/** How often a heartbeat asks, in milliseconds, and whom it tells. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly ping: () => void;
  /** Called at most once, and then nothing more. */
  readonly lost: () => void;
}

/** A timer that comes later than this much of its interval was held back, and with it perhaps the answer. */
const lateness = 1.5;

/**
 * Pings every interval; lost when a whole interval after a ping has passed without any frame (G14: within two heartbeats).
 * In a throttled tab timers come late and may overtake frames that arrived before them: then only two unanswered pings count.
 */
export function createHeartbeat({ clock, intervalMs, ping, lost }: HeartbeatOptions): Heartbeat {
  let unansweredPings = 0;
  let pingedAtMs = clock.now();

  // A clock that was set back is no measure: what is not on time only waits for another ping.
  const isOnTime = (): boolean => {
    const elapsedMs = clock.now() - pingedAtMs;
    return elapsedMs >= 0 && elapsedMs < intervalMs * lateness;
  };
  const beat = (): void => {
    if (unansweredPings > 1 || (unansweredPings === 1 && isOnTime())) return lost();
    unansweredPings += 1;
    pingedAtMs = clock.now();
    timer = clock.setTimeout(beat, intervalMs);
    ping();
  };
  let timer = clock.setTimeout(beat, intervalMs);

  return {
    heard() {
      unansweredPings = 0;
    },
    stop() {
      clock.clearTimeout(timer);
    },
  };
}
