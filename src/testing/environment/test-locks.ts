import { SyncError } from '../../core/errors.ts';
import type { LockPort } from '../../ports/environment.ts';

interface Holder {
  readonly end: (error: SyncError | null) => void;
}

/**
 * Locks shared by everybody who has this object, as the tabs of an origin share theirs. Granted in the order of asking; `steal` takes
 * a held one at once: the request that held it rejects with `aborted`, and its callback is not told.
 */
export function createTestLocks(): LockPort {
  const holders = new Map<string, Holder>();
  const waiting = new Map<string, (() => void)[]>();

  const grantNext = (name: string): void => waiting.get(name)?.shift()?.();

  function hold(name: string, callback: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const holder: Holder = {
        end(error) {
          if (holders.get(name) !== holder) return;
          holders.delete(name);
          if (error) reject(error);
        },
      };
      holders.set(name, holder);
      const run = async (): Promise<void> => {
        await Promise.resolve();
        try {
          await callback();
          resolve();
        } catch (error) {
          reject(error as Error);
        }
        const isStillHeld = holders.get(name) === holder;
        holder.end(null);
        if (isStillHeld) grantNext(name);
      };
      void run();
    });
  }

  return {
    request(name, { signal, steal }, callback) {
      if (signal.aborted) return Promise.reject(noLongerWanted());
      if (steal === true) holders.get(name)?.end(new SyncError('aborted', 'The lock was stolen.'));
      if (!holders.has(name)) return hold(name, callback);
      return new Promise<void>((resolve, reject) => {
        const queue = waiting.get(name) ?? [];
        waiting.set(name, queue);
        const start = (): void => {
          signal.removeEventListener('abort', giveUp);
          hold(name, callback).then(resolve, reject);
        };
        const giveUp = (): void => {
          queue.splice(queue.indexOf(start), 1);
          reject(noLongerWanted());
        };
        queue.push(start);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}

function noLongerWanted(): SyncError {
  return new SyncError('aborted', 'The lock is no longer wanted.');
}
