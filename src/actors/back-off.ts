export interface RetryLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Full jitter: uniform between 0 and min(maxMs, baseMs * 2^attempt) milliseconds (Brooker, "Exponential Backoff And Jitter",
 * 2015), and at least 1, so that time passes between attempts whatever chance says.
 */
export function fullJitter({ baseMs, maxMs }: RetryLimits, attempt: number, random: () => number): number {
  return Math.max(1, random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}
