import type { Clock } from '../ports/environment.ts';

/** A timer for the next attempt after failures: full jitter between 0 and 1 s, 2 s, 4 s … 30 s. */
export interface BackOff {
  /** Failures in a row. */
  readonly failures: number;
  /** Counts a failure. */
  failed(): void;
  /** Forgets the failures. */
  succeeded(): void;
  /** Runs `attempt` after the delay that the failures ask for. Replaces an earlier one. */
  arm(attempt: () => void): void;
  cancel(): void;
}

const baseMs = 1_000;
const maxMs = 30_000;

/** `random` is uniform in [0, 1). */
export function createBackOff(clock: Clock, random: () => number): BackOff {
  let failures = 0;
  let timer: unknown = null;

  function cancel(): void {
    if (timer !== null) clock.clearTimeout(timer);
    timer = null;
  }

  return {
    get failures() {
      return failures;
    },
    failed() {
      failures += 1;
    },
    succeeded() {
      failures = 0;
    },
    arm(attempt) {
      cancel();
      const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.max(0, failures - 1));
      timer = clock.setTimeout(() => {
        timer = null;
        attempt();
      }, random() * ceilingMs);
    },
    cancel,
  };
}
