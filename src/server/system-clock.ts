import type { Clock } from '../ports/environment.ts';

/** The time of the machine. Timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};
