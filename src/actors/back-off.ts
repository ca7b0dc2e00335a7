export interface RetryLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Full jitter: uniform between 0 and min(maxMs, baseMs * 2^attempt) milliseconds (Brooker, "Exponential Backoff And Jitter", 2015). */
export function fullJitter({ baseMs, maxMs }: RetryLimits, attempt: number, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
