import { createSteadyClock } from '../../core/steady-clock.ts';
import type { Clock } from '../../ports/environment.ts';

/** Notices a connection that is dead though nothing says so. */
export interface Heartbeat {
  /** A frame came in, whichever. */
  heard(): void;
  /** Idempotent. */
  stop(): void;
}

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
export function createHeartbeat({ clock: wallClock, intervalMs, ping, lost }: HeartbeatOptions): Heartbeat {
  const clock = createSteadyClock(wallClock);
  let unansweredPings = 0;
  let pingedAtMs = clock.now();

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
