/** Estimates how far the backend's clock is ahead of ours from the `Date` headers of its answers. */
export interface ClockOffset {
  /** One answer: our time before the request and after the answer, in milliseconds, and the `Date` header. */
  note(sentAtMs: number, receivedAtMs: number, dateHeader: string | null): void;
  /** Backend's clock minus ours in milliseconds; null before the first answer that told. */
  estimateMs(): number | null;
}

const headerResolutionMs = 1_000;

/**
 * Each answer bounds the offset: its date was written between sending and receiving, and cuts off less than a second. The
 * bounds of all answers together are kept; when an answer contradicts them, a clock was set, and it starts anew.
 */
export function createClockOffset(): ClockOffset {
  let lowestMs = -Infinity;
  let highestMs = Infinity;
  return {
    note(sentAtMs, receivedAtMs, dateHeader) {
      const dateMs = Date.parse(dateHeader ?? '');
      if (Number.isNaN(dateMs) || receivedAtMs < sentAtMs) return;
      const lowMs = dateMs - receivedAtMs;
      const highMs = dateMs + headerResolutionMs - sentAtMs;
      const contradicts = lowMs > highestMs || highMs < lowestMs;
      lowestMs = contradicts ? lowMs : Math.max(lowestMs, lowMs);
      highestMs = contradicts ? highMs : Math.min(highestMs, highMs);
    },
    estimateMs: () => (Number.isFinite(lowestMs) ? (lowestMs + highestMs) / 2 : null),
  };
}
