import { SyncError } from '../../core/errors.ts';

/** One piece of work at a time, in the order in which they came. */
export interface Turns {
  /** Rejects with `closed` after {@link end}. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all work is done; nothing more is taken. Idempotent. */
  end(): Promise<void>;
}

/** Nothing is under way yet. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    take(work) {
      if (ended) return Promise.reject(new SyncError('closed', 'The store is closed.'));
      const turn = last.then(work);
      last = turn.catch(() => {});
      return turn;
    },
    async end() {
      ended = true;
      await last;
    },
  };
}
