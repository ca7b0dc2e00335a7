import { SyncError } from '../../core/errors.ts';
import type { LockPort } from '../../ports/environment.ts';

/**
 * The Web Locks of the origin; null where there are none (an insecure page, an old browser). `request` rejects when the
 * signal is aborted before the lock is granted, and when another steals it; the callback is not told of the latter.
 */
export function createLockPort(): LockPort | null {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) return null;
  return {
    async request(name, { signal, steal }, callback) {
      if (signal.aborted) throw new SyncError('aborted', 'The lock is no longer wanted.');
      // The platform refuses a signal together with `steal`, which never waits.
      await locks.request(name, steal === true ? { steal } : { signal }, () => callback());
    },
  };
}
