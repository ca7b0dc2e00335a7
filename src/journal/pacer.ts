import { closedError } from '../core/closed-error.ts';
import type { Clock } from '../ports/environment.ts';

/** Gives way between the steps of background work. */
export interface Pacer {
  /** Resolves in a later macrotask; rejects with `closed` after close. */
  turn(): Promise<void>;
  /** Ends the turn under way. Leaves no timer. */
  close(): void;
}

/** A pacer for one task after the other. */
export function createPacer(clock: Clock): Pacer {
  let timer: unknown = null;
  let refuse: (() => void) | null = null;
  let isClosed = false;

  return {
    turn() {
      if (isClosed) return Promise.reject(closedError());
      return new Promise((resolve, reject) => {
        refuse = () => reject(closedError());
        timer = clock.setTimeout(resolve, 0);
      });
    },
    close() {
      isClosed = true;
      clock.clearTimeout(timer);
      refuse?.();
    },
  };
}
