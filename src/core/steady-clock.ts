/** What is needed of a clock. `now` is in milliseconds. */
interface Timing {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/**
 * The same clock, whose `now` never runs backwards: for measuring how long something took and when something is due. When
 * the user or the network sets the wall clock back, this one goes on from where it was; set forward, it jumps along. It is no
 * time of day then, and its deadlines are to be compared with itself only.
 */
export function createSteadyClock(clock: Timing): Timing {
  let lastMs = clock.now();
  let lostMs = 0;
  return {
    now() {
      const nowMs = clock.now();
      lostMs += Math.max(0, lastMs - nowMs);
      lastMs = nowMs;
      return nowMs + lostMs;
    },
    setTimeout: (run, ms) => clock.setTimeout(run, ms),
    clearTimeout: (id) => clock.clearTimeout(id),
  };
}
