import { Subscription } from 'rxjs';
import {
  fromCallback,
  fromPromise,
  type CallbackActorLogic,
  type NonReducibleUnknown,
  type PromiseActorLogic,
} from 'xstate';
import type { ProbeOutcome } from '../../machines/connectivity.machine.ts';
import type { RealTimeEvent } from '../../machines/real-time.machine.ts';
import type { SyncEvent } from '../../machines/sync.machine.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import { judgeError, nothingSent } from '../outbox/verdict.ts';
import type { Clock, Environment, PageSignal } from '../ports/environment.ts';
import type { Backend } from './backend.ts';

export interface ProbeParts {
  readonly backend: Backend;
  reached(): void;
  failed(error: SyncErrorInfo): void;
}

/** Asks the backend for a sign of life. An answer is an answer, whatever it says (S26). */
export function createProbe({ backend, reached, failed }: ProbeParts): PromiseActorLogic<ProbeOutcome> {
  return fromPromise<ProbeOutcome>(async () => {
    try {
      await backend.probe();
    } catch (error) {
      const verdict = judgeError(nothingSent, error);
      if (verdict.type === 'unanswered' && verdict.reach !== 'answered') {
        failed(verdict.error);
        return verdict.reach === 'intercepted' ? 'intercepted' : 'unreachable';
      }
    }
    reached();
    return 'answered';
  });
}

export interface PlatformParts extends Pick<Environment, 'network' | 'page$' | 'clock'> {
  /** Time between catch-ups while no socket is live, in milliseconds; null: there is no such interval (S40). */
  readonly pullIntervalMs: number | null;
  isLive(): boolean;
  /** The page came back from the background. */
  resumed(): void;
}

/** The platform's signals as events of the root machine, which was told how the network is when this was created. */
export function createPlatformWatch(parts: PlatformParts): CallbackActorLogic<SyncEvent, NonReducibleUnknown> {
  const { network, page$, clock, pullIntervalMs, isLive, resumed } = parts;
  const wasOnLine = network.onLine;
  return fromCallback<SyncEvent, NonReducibleUnknown>(({ sendBack }) => {
    const watch = new Subscription();
    const tell = (onLine: boolean) => sendBack({ type: onLine ? 'network.online' : 'network.offline' });
    watch.add(network.changes$.subscribe(tell));
    if (network.onLine !== wasOnLine) tell(network.onLine);
    watch.add(
      page$.subscribe((signal) => {
        if (signal === 'resumed') resumed();
        const event = eventOf(signal);
        if (event) sendBack(event);
      }),
    );
    watch.add(
      every(clock, pullIntervalMs, () => {
        if (!isLive()) sendBack({ type: 'feed.pull' });
      }),
    );
    return () => watch.unsubscribe();
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

/** Asks for a catch-up every `intervalMs` milliseconds; null: the platform watch does already. */
export function createPoll(
  clock: Clock,
  intervalMs: number | null,
  pull: () => void,
): CallbackActorLogic<RealTimeEvent, NonReducibleUnknown> {
  return fromCallback<RealTimeEvent, NonReducibleUnknown>(() => every(clock, intervalMs, pull));
}

/** Runs every `intervalMs` milliseconds; null: never. Returns its end. */
export function every(clock: Clock, intervalMs: number | null, run: () => void): () => void {
  if (intervalMs === null) return () => undefined;
  let timer: unknown;
  const arm = () => {
    timer = clock.setTimeout(() => {
      arm();
      run();
    }, intervalMs);
  };
  arm();
  return () => clock.clearTimeout(timer);
}
