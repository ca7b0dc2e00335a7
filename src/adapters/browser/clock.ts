import type { Clock } from '../../ports/environment.ts';

/** Platforms hold delays in 32 bits: a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

interface Timer {
  handle: ReturnType<typeof setTimeout>;
}

/** The system's clock. Delays may be of any length. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    setTimeout(f, ms) {
      const arm = (remainingMs: number): ReturnType<typeof setTimeout> =>
        remainingMs > longestDelayMs
          ? setTimeout(() => {
              timer.handle = arm(remainingMs - longestDelayMs);
            }, longestDelayMs)
          : setTimeout(f, remainingMs);
      const timer: Timer = { handle: arm(ms) };
      return timer;
    },
    clearTimeout(id) {
      if (isTimer(id)) clearTimeout(id.handle);
    },
  };
}

function isTimer(id: unknown): id is Timer {
  return typeof id === 'object' && id !== null && 'handle' in id;
}
