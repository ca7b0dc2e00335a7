import { closedError } from '../core/closed-error.ts';
import { SyncError } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { KeyValueStorage } from '../ports/storage.ts';

/**
 * A storage that always answers: every call settles within a bounded time. A call that fails or does not answer within
 * the watchdog is made once more, on a fresh connection where the storage can `reopen`, and whichever is answered first counts;
 * then it rejects with `storage-failed`, or with `storage-newer` where the storage itself says that a newer release wrote what it holds.
 */
export interface GuardedStorage {
  get(key: string): Promise<unknown>;
  /** `outlived` gets each attempt that the watchdog gave up: it may still take effect, and then resolves. */
  set(key: string, value: unknown, outlived?: (attempt: Promise<unknown>) => void): Promise<void>;
  /** The same, and then the keys that begin with `prefix`, as they are after that. */
  setAndList(
    key: string,
    value: unknown,
    prefix: string,
    outlived?: (attempt: Promise<unknown>) => void,
  ): Promise<readonly string[]>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
  /** Refuses further calls with `closed` and resolves when those under way have settled. Leaves no timer. */
  close(): Promise<void>;
}

/** Guards `storage` with a watchdog of `watchdogMs` milliseconds. */
export function createGuardedStorage(storage: KeyValueStorage, clock: Clock, watchdogMs: number): GuardedStorage {
  const underWay = new Set<Promise<unknown>>();
  let reopening: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  function watch<T>(action: string, attempt: Promise<T>, outlived: () => void = () => undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        outlived();
        reject(new SyncError('storage-failed', `The storage did not ${action} within ${watchdogMs} ms.`));
      }, watchdogMs);
      attempt.then(
        (value) => {
          clock.clearTimeout(timer);
          resolve(value);
        },
        (cause: unknown) => {
          clock.clearTimeout(timer);
          reject(isNewer(cause) ? cause : failed(`The storage could not ${action}: ${nameOf(cause)}.`, cause));
        },
      );
    });
  }

  function reopen(): Promise<void> {
    if (storage.reopen === undefined) return Promise.resolve();
    reopening ??= watch('reopen', (async () => storage.reopen?.())()).finally(() => {
      reopening = null;
    });
    return reopening;
  }

  async function insist<T>(
    action: string,
    call: () => Promise<T>,
    outlived?: (attempt: Promise<unknown>) => void,
  ): Promise<T> {
    const begin = async (): Promise<T> => call();
    const first = begin();
    try {
      return await watch(action, first, () => outlived?.(first));
    } catch {
      await reopen();
      const second = begin();
      const either = Promise.race([first.catch(() => second), second]);
      return watch(action, either, () => outlived?.(second));
    }
  }

  function guard<T>(
    action: string,
    call: () => Promise<T>,
    outlived?: (attempt: Promise<unknown>) => void,
  ): Promise<T> {
    if (closing !== null) return Promise.reject(closedError());
    const answer = insist(action, call, outlived);
    const settled: Promise<unknown> = answer.then(
      () => underWay.delete(settled),
      () => underWay.delete(settled),
    );
    underWay.add(settled);
    return answer;
  }

  const keys = () => guard('list its keys', () => storage.keys());
  const set: GuardedStorage['set'] = async (key, value, outlived) => {
    await guard('write', () => storage.setItem(key, value), outlived);
  };

  return {
    get: (key) => guard('read', () => storage.getItem(key)),
    set,
    async setAndList(key, value, prefix, outlived) {
      const { setAndList } = storage;
      if (setAndList) return guard('write', () => setAndList.call(storage, key, value, prefix), outlived);
      await set(key, value, outlived);
      return (await keys()).filter((each) => each.startsWith(prefix));
    },
    remove: (key) => guard('remove', () => storage.removeItem(key)),
    keys,
    close: () => (closing ??= Promise.all(underWay).then(() => undefined)),
  };
}

function isNewer(cause: unknown): cause is SyncError {
  return cause instanceof SyncError && cause.code === 'storage-newer';
}

function failed(message: string, cause: unknown): SyncError {
  return new SyncError('storage-failed', message, { cause });
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'unknown error';
}
