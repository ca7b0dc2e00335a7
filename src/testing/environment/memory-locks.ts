import { SyncError } from '../../core/errors.ts';
import type { LockPort } from '../../ports/environment.ts';
import type { TabLife } from './memory-tab.ts';

/** The locks of one origin, in memory. */
export interface MemoryLocks {
  /** The locks as one tab has them. A tab that is killed loses what it holds; a frozen one keeps it, also what it is granted now. */
  of(tab: TabLife): LockPort;
  /** Broken, the locks keep nobody out: everyone who waits or asks is granted the lock. Mended, they wait for all of those. */
  setBroken(isBroken: boolean): void;
}

interface Claim {
  granted(): void;
  stolen(): void;
}

interface Lock {
  ask(claim: Claim, steals: boolean): void;
  isHeldBy(claim: Claim): boolean;
  leave(claim: Claim): void;
  /** Grants it to whoever may have it now. */
  serve(): void;
}

/**
 * Locks that nobody holds yet. They take no time: what has to happen has happened when `settle()` resolves.
 *
 * @example
 * const locks = createMemoryLocks();
 * const [first, second] = [createMemoryTab(), createMemoryTab()];
 * const { environment } = createTestEnvironment();
 * const inFirst = createSyncService(apiClient, { storage, environment: { ...environment, locks: locks.of(first) } });
 * first.kill(); // `second` is granted what `first` held
 */
export function createMemoryLocks(): MemoryLocks {
  const locksByName = new Map<string, Lock>();
  let isBroken = false;
  const lockOf = (name: string): Lock => {
    const lock = locksByName.get(name) ?? createLock(() => isBroken);
    locksByName.set(name, lock);
    return lock;
  };
  return {
    of: (tab) => ({
      request: (name, { signal, steal }, callback) =>
        new Promise((resolve, reject) => {
          if (!tab.isAlive) return;
          if (signal.aborted) return reject(notWanted(signal));
          const lock = lockOf(name);
          const end = (settle: () => void): void => {
            tab.deliver(() => {
              signal.removeEventListener('abort', giveUp);
              forgetTab();
              settle();
              lock.leave(claim);
            });
          };
          const giveUp = (): void => end(() => reject(notWanted(signal)));
          const hold = (): void => {
            signal.removeEventListener('abort', giveUp);
            run(callback).then(
              () => end(resolve),
              (error: Error) => end(() => reject(error)),
            );
          };
          const claim: Claim = {
            granted: () => tab.deliver(() => lock.isHeldBy(claim) && !signal.aborted && hold()),
            stolen: () => end(() => reject(new SyncError('aborted', 'Another took the lock.'))),
          };
          const forgetTab = tab.onKilled(() => lock.leave(claim));
          signal.addEventListener('abort', giveUp);
          lock.ask(claim, steal === true);
        }),
    }),
    setBroken(is) {
      isBroken = is;
      for (const lock of locksByName.values()) lock.serve();
    },
  };
}

function createLock(isBroken: () => boolean): Lock {
  const holders = new Set<Claim>();
  const waiting = new Set<Claim>();
  const grant = (claim: Claim): void => {
    waiting.delete(claim);
    holders.add(claim);
    void Promise.resolve().then(() => claim.granted());
  };
  const serve = (): void => {
    for (const claim of waiting) if (isBroken() || holders.size === 0) grant(claim);
  };
  return {
    ask(claim, steals) {
      const losers = steals ? [...holders] : [];
      for (const loser of losers) holders.delete(loser);
      if (steals) grant(claim);
      else waiting.add(claim);
      for (const loser of losers) loser.stolen();
      serve();
    },
    isHeldBy: (claim) => holders.has(claim),
    leave(claim) {
      waiting.delete(claim);
      holders.delete(claim);
      serve();
    },
    serve,
  };
}

async function run(callback: () => Promise<void>): Promise<void> {
  await callback();
}

function notWanted(signal: AbortSignal): SyncError {
  return new SyncError('aborted', 'The lock is no longer wanted.', { cause: signal.reason });
}
