import { merge, type Observable } from 'rxjs';
import {
  fromCallback,
  fromPromise,
  type CallbackActorLogic,
  type NonReducibleUnknown,
  type PromiseActorLogic,
} from 'xstate';
import type { ProbeOutcome } from '../../machines/connectivity.machine.ts';
import type { LeadershipEvent } from '../../machines/leadership.machine.ts';
import type { RealTimeEvent } from '../../machines/real-time.machine.ts';
import type { SyncEvent } from '../../machines/sync.machine.ts';
import { judgeError } from '../outbox/verdict.ts';
import type { Clock, Environment, PageSignal } from '../ports/environment.ts';
import { map } from 'rxjs';
import type { Backend } from './backend.ts';

/** Asks the backend for a sign of life. An answer is an answer, whatever it says (S26). */
export function createProbe(backend: Backend): PromiseActorLogic<ProbeOutcome> {
  return fromPromise<ProbeOutcome>(async () => {
    try {
      await backend.probe();
      return 'answered';
    } catch (error) {
      const about = {
        collection: '',
        entityId: '',
        type: 'update',
        result: null,
        maybeApplied: false,
        versionOptional: true,
      } as const;
      const verdict = judgeError(about, error);
      if (verdict.type !== 'unanswered') return 'answered';
      if (verdict.reach === 'intercepted') return 'intercepted';
      return verdict.reach === 'answered' ? 'answered' : 'unreachable';
    }
  });
}

/** The platform's signals as events of the root machine. */
export function createPlatformWatch({
  network,
  page$,
}: Pick<Environment, 'network' | 'page$'>): CallbackActorLogic<SyncEvent, NonReducibleUnknown> {
  return fromCallback<SyncEvent, NonReducibleUnknown>(({ sendBack }) => {
    const events$: Observable<SyncEvent | null> = merge(
      network.changes$.pipe(map((onLine): SyncEvent => ({ type: onLine ? 'network.online' : 'network.offline' }))),
      page$.pipe(map(eventOf)),
    );
    const subscription = events$.subscribe((event) => {
      if (event) sendBack(event);
    });
    return () => subscription.unsubscribe();
  });
}

function eventOf(signal: PageSignal): SyncEvent | null {
  switch (signal) {
    case 'resumed':
      return { type: 'page.resumed' };
    case 'visible':
      return { type: 'page.focused' };
    case 'hidden':
    case 'frozen':
    case 'leaving':
      return null;
  }
}

/** Asks for a catch-up every `intervalMs` milliseconds. */
export function createPoll(
  clock: Clock,
  intervalMs: number,
  pull: () => void,
): CallbackActorLogic<RealTimeEvent, NonReducibleUnknown> {
  return fromCallback<RealTimeEvent, NonReducibleUnknown>(() => repeat(clock, intervalMs, pull));
}

/** Runs the task every `intervalMs` milliseconds until the returned function is called. */
export function repeat(clock: Clock, intervalMs: number, task: () => void): () => void {
  let timer: unknown;
  const arm = () => {
    timer = clock.setTimeout(() => {
      arm();
      task();
    }, intervalMs);
  };
  arm();
  return () => clock.clearTimeout(timer);
}

/** The only tab there is leads. */
export function createSoleLeadership(): CallbackActorLogic<LeadershipEvent, NonReducibleUnknown> {
  return fromCallback<LeadershipEvent, NonReducibleUnknown>(({ sendBack }) => sendBack({ type: 'lock.granted' }));
}
