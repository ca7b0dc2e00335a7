/** A token bucket per name: a steady rate with room for bursts. Buckets that are full again are forgotten. */
export interface RateLimit {
  /** Null: go on. Otherwise the seconds to wait before the next try, at least 1. */
  take(name: string): number | null;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const bucketsKept = 10_000;

/** `perSecond` over time, `burst` at once. */
export function createRateLimit(options: { perSecond: number; burst: number; now: () => number }): RateLimit {
  const { perSecond, burst, now } = options;
  const buckets = new Map<string, Bucket>();

  const refill = (bucket: Bucket, nowMs: number): void => {
    const elapsedS = Math.max(0, nowMs - bucket.filledAtMs) / 1000;
    bucket.tokens = Math.min(burst, bucket.tokens + elapsedS * perSecond);
    bucket.filledAtMs = nowMs;
  };
  const forgetFull = (nowMs: number): void => {
    for (const [name, bucket] of buckets) {
      refill(bucket, nowMs);
      if (bucket.tokens >= burst) buckets.delete(name);
    }
  };

  return {
    take(name) {
      const nowMs = now();
      if (buckets.size > bucketsKept) forgetFull(nowMs);
      const bucket = buckets.get(name) ?? { tokens: burst, filledAtMs: nowMs };
      buckets.set(name, bucket);
      refill(bucket, nowMs);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return null;
      }
      return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    },
  };
}
