import type { Clock } from '../ports/environment.ts';
import type { Limits } from './limits.ts';
import type { Store } from './ports/store.ts';

const everyMs = 60 * 60 * 1000;
const rowsAtOnce = 1000;

/** Forgets changes and repeats that are older than the limits, at once and every hour, in small steps. Returns its end. */
export function keepWithinRetention(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly reportFailure: (error: unknown) => void;
}): () => void {
  const { store, clock, limits, reportFailure } = options;
  let timer: unknown = null;
  let ended = false;

  const forget = async (): Promise<void> => {
    const nowMs = clock.now();
    const expiry = {
      changesBeforeMs: nowMs - limits.feedMs,
      maxChanges: limits.feedChanges,
      repeatsBeforeMs: nowMs - limits.repeatMs,
      limit: rowsAtOnce,
    };
    while (!ended && (await store.expire(expiry)) > 0);
  };
  const run = (): void => {
    timer = clock.setTimeout(run, everyMs);
    forget().catch((error: unknown) => {
      if (!ended) reportFailure(error);
    });
  };

  run();
  return () => {
    ended = true;
    clock.clearTimeout(timer);
  };
}
