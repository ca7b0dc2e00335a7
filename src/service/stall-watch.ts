import type { Clock } from '../ports/environment.ts';

/** Tells work that goes on from work that does not, though nothing blocks it. */
export interface StallWatch {
  /** `isAtRisk`: there is work and nothing blocks it. Returns whether that has been so for too long without progress. */
  look(isAtRisk: boolean): boolean;
  progressed(): void;
  close(): void;
}

const stallsAfterMs = 120_000;

/** `due` is called when the next look would give another answer. */
export function createStallWatch(clock: Clock, due: () => void): StallWatch {
  let sinceMs: number | null = null;
  let timer: unknown = null;

  function stop(): void {
    if (timer !== null) clock.clearTimeout(timer);
    timer = null;
    sinceMs = null;
  }

  return {
    look(isAtRisk) {
      if (!isAtRisk) stop();
      else if (sinceMs === null) {
        sinceMs = clock.now();
        timer = clock.setTimeout(() => {
          timer = null;
          due();
        }, stallsAfterMs);
      }
      return sinceMs !== null && timer === null;
    },
    progressed: stop,
    close: stop,
  };
}
