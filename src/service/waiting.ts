import { abortedWait } from '../core/aborted-errors.ts';
import type { Engine } from './engine.ts';

interface WaitOptions {
  signal?: AbortSignal;
}

/**
 * Resolves at the end of the first tick in which `isDone` holds, at once if it does now. Rejects with `aborted`; stays open
 * when the service is closed (S24).
 */
function waitUntil(engine: Engine, isDone: () => boolean, { signal }: WaitOptions): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const abort = () => finish(() => reject(abortedWait(signal)));
    const finish = (settle: () => void) => {
      changes.unsubscribe();
      unsubscribe();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const look = () => {
      if (isDone()) finish(resolve);
    };
    const changes = engine.changed$.subscribe(look);
    const unsubscribe = engine.status.observe(look);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    else look();
  });
}

/** The local data is loaded. Rejects with `aborted`, or with why it cannot be had. */
function untilReady(engine: Engine, { signal }: WaitOptions): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const abort = () => reject(abortedWait(signal));
    const end = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    engine.ready.then(resolve, reject).finally(end);
  });
}

/** Resolves when nothing is left that could be sent: only parked, held or undecided operations (S23). */
export async function flush(engine: Engine, options: WaitOptions): Promise<void> {
  await untilReady(engine, options);
  engine.call('queue.drain');
  await waitUntil(engine, () => nothingToSend(engine), options);
}

function nothingToSend({ counts, troubles, status }: Engine): boolean {
  const { blockers } = status.getSnapshot();
  if (blockers.includes('paused') || blockers.includes('misconfigured')) return true;
  if (!troubles.allUndecided) return false;
  return counts.pending === 0;
}

/** Resolves when the service, a collection or an entity has nothing unsettled. */
export async function whenSynced(
  engine: Engine,
  collection: string | undefined,
  id: string | undefined,
  options: WaitOptions,
): Promise<void> {
  await untilReady(engine, options);
  const { replica, counts } = engine;
  await waitUntil(
    engine,
    () => {
      if (collection === undefined) return replica.working.size === 0;
      if (id === undefined) return counts.workingIn(collection) === 0;
      return !replica.find(collection, id)?.state.work;
    },
    options,
  );
}
