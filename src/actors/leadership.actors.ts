import { map } from 'rxjs';
import {
  fromCallback,
  fromPromise,
  type CallbackActorLogic,
  type NonReducibleUnknown,
  type PromiseActorLogic,
} from 'xstate';
import type { LeadershipEvent } from '../../machines/leadership.machine.ts';
import type { Clock } from '../ports/environment.ts';
import { fullJitter, type RetryLimits } from './back-off.ts';
import type { Election } from './election.ts';

export interface LeadershipParts {
  readonly election: Election;
  readonly clock: Clock;
  readonly retry: RetryLimits;
  random(): number;
  /** The local data was loaded as the leader's: the election may be lost again since. */
  leads(): boolean;
  takeOver(): Promise<void>;
  stepDown(): Promise<void>;
}

/** What the `leadership` machine does to the world. */
export interface LeadershipActors {
  readonly holdLock: CallbackActorLogic<LeadershipEvent, NonReducibleUnknown>;
  readonly takeOver: PromiseActorLogic<void>;
  readonly stepDown: PromiseActorLogic<void>;
}

/** Follows the election. A take-over that the storage does not allow is tried again, with back-off, as long as this tab is elected. */
export function createLeadershipActors(parts: LeadershipParts): LeadershipActors {
  const { election, clock, retry, random } = parts;
  return {
    holdLock: fromCallback<LeadershipEvent, NonReducibleUnknown>(({ sendBack }) => {
      const events$ = election.elected$.pipe(
        map((isElected): LeadershipEvent => ({ type: isElected ? 'lock.granted' : 'lock.lost' })),
      );
      if (election.isElected || parts.leads()) sendBack({ type: 'lock.granted' });
      if (!election.isElected) sendBack({ type: 'lock.lost' });
      const subscription = events$.subscribe(sendBack);
      return () => subscription.unsubscribe();
    }),
    takeOver: fromPromise<void>(async ({ signal }) => {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        try {
          return await parts.takeOver();
        } catch {
          await pause(clock, fullJitter(retry, attempt, random), signal);
        }
      }
    }),
    stepDown: fromPromise<void>(() => parts.stepDown()),
  };
}

/** Ends early, and leaves no timer, when the signal is aborted. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
