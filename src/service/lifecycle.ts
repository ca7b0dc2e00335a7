import { closedError } from '../core/closed-error.ts';
import { createDeferred } from '../core/deferred.ts';
import type { SyncError } from '../core/errors.ts';

/** Whether a service may be used: it begins once, may be refused its local data, and ends once. */
export interface Lifecycle {
  /** Resolves with the local data loaded. Rejects with what refused it, or `closed`. Never unhandled. */
  readonly ready: Promise<void>;
  readonly isReady: boolean;
  /** Nothing is committed any more. */
  readonly isOver: boolean;
  /** Throws when nothing may be asked of the service any more. */
  assertOpen(): void;
  /** False: it has begun before. */
  begin(): boolean;
  /** The local data is there. */
  loaded(): void;
  /** The local data cannot be had, which every later call is told. */
  refuse(error: SyncError): void;
  /** Waits until what has begun is ready or refused, calls `stop` once, and tells the listeners. Idempotent. */
  end(stop: (hasBegun: boolean) => Promise<void>): Promise<void>;
  /** Calls back when the service has ended, at once if it has. Returns its end. */
  whenEnded(callback: () => void): () => void;
}

/** A life that has not begun. */
export function createLifecycle(): Lifecycle {
  const listeners = new Set<() => void>();
  let phase: 'new' | 'loading' | 'ready' | 'refused' | 'ending' | 'over' | 'ended' = 'new';
  let refusal: SyncError | null = null;
  let ending: Promise<void> | null = null;
  const { promise: ready, resolve, reject } = createDeferred();

  async function finish(stop: (hasBegun: boolean) => Promise<void>): Promise<void> {
    const hasBegun = phase !== 'new';
    phase = 'ending';
    if (hasBegun) await ready.catch(() => undefined);
    reject(closedError());
    phase = 'over';
    await stop(hasBegun);
    phase = 'ended';
    for (const callback of [...listeners]) callback();
    listeners.clear();
  }

  return {
    ready,
    get isReady() {
      return phase === 'ready';
    },
    get isOver() {
      return phase === 'over' || phase === 'ended';
    },
    assertOpen() {
      if (refusal) throw refusal;
      if (phase === 'ending' || phase === 'over' || phase === 'ended') throw closedError();
    },
    begin() {
      if (phase !== 'new') return false;
      phase = 'loading';
      return true;
    },
    loaded() {
      if (phase === 'loading') phase = 'ready';
      resolve();
    },
    refuse(error) {
      refusal = error;
      if (phase === 'loading') phase = 'refused';
      reject(error);
    },
    end: (stop) => (ending ??= finish(stop)),
    whenEnded(callback) {
      if (phase === 'ended') callback();
      else listeners.add(callback);
      return () => void listeners.delete(callback);
    },
  };
}
