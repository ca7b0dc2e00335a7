/** The delay in milliseconds before the next attempt, when this one was the `attempt`-th, from 0, that failed. */
export type BackOff = (attempt: number) => number;

/** `random` is uniform in [0, 1). */
export interface BackOffParts {
  readonly baseMs: number;
  readonly maxMs: number;
  random(): number;
}

/**
 * Full jitter: uniform between 0 and min(maxMs, baseMs * 2^attempt) milliseconds (Brooker, "Exponential Backoff And Jitter",
 * 2015), and at least 1, so that time passes between attempts whatever chance says.
 */
export function createBackOff({ baseMs, maxMs, random }: BackOffParts): BackOff {
  return (attempt) => Math.max(1, random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}
