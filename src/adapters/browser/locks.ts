import { SyncError } from '../../core/errors.ts';
import type { LockPort } from '../../ports/environment.ts';

/** The Web Locks of the origin (W3C Web Locks API); null where there are none: Node, a page that is not secure, an old browser. */
export function createLockPort(): LockPort | null {
  const locks = globalThis.isSecureContext === true ? globalThis.navigator.locks : undefined;
  if (locks === undefined) return null;
  // Chromium asks once per page whether it may have locks; a request that comes with the answer would overtake those that wait for it.
  let answered: Promise<unknown> | null = null;
  return {
    async request(name, { signal, steal }, callback) {
      let stage = 'waiting' as 'waiting' | 'held' | 'settled';
      const hold = async (): Promise<void> => {
        if (signal.aborted) throw notWanted(signal);
        stage = 'held';
        try {
          await callback();
        } finally {
          stage = 'settled';
        }
      };
      if (signal.aborted) throw notWanted(signal);
      await (answered ??= locks.query().catch(() => undefined));
      if (signal.aborted) throw notWanted(signal);
      try {
        // The platform refuses a signal together with `steal`, which never waits.
        await locks.request(name, steal === true ? { steal } : { signal }, hold);
      } catch (error) {
        if (stage === 'settled') throw error;
        if (stage === 'held') throw new SyncError('aborted', 'Another took the lock.', { cause: error });
        if (signal.aborted) throw notWanted(signal);
        throw new SyncError('unsupported', `The platform gives no lock: ${String(error)}`, { cause: error });
      }
    },
  };
}

function notWanted(signal: AbortSignal): SyncError {
  return new SyncError('aborted', 'The lock is no longer wanted.', { cause: signal.reason });
}
