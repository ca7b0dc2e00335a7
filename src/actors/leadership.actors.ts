import {
  fromCallback,
  fromPromise,
  type CallbackActorLogic,
  type NonReducibleUnknown,
  type PromiseActorLogic,
} from 'xstate';
import type { LeadershipEvent } from '../../machines/leadership.machine.ts';
import { SyncError } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { BackOff } from './back-off.ts';
import type { Election } from './election.ts';
import { pause } from './pause.ts';

export interface LeadershipParts {
  readonly election: Election;
  readonly clock: Clock;
  readonly backOff: BackOff;
  /** The local data was loaded as the leader's: the election may be lost again since. */
  leads(): boolean;
  /** Rejects with `storage-failed`, or with what keeps this tab from leading at all. */
  takeOver(): Promise<void>;
  /** Rejects with what keeps this tab from reading what is stored. Goes on where it failed when it is called again. */
  stepDown(): Promise<void>;
}

/** What the `leadership` machine does to the world. */
export interface LeadershipActors {
  readonly holdLock: CallbackActorLogic<LeadershipEvent, NonReducibleUnknown>;
  readonly takeOver: PromiseActorLogic<void>;
  readonly stepDown: PromiseActorLogic<void>;
}

/** So many failures in a row, and another tab may try. */
const toleratedFailures = 3;

/**
 * Follows the election. What the storage does not allow is tried again, with back-off, as long as the machine asks for it. A
 * tab that fails to take over leaves the lead to another one: for good when what is stored is not for it to read.
 */
export function createLeadershipActors(parts: LeadershipParts): LeadershipActors {
  const { election, clock, backOff } = parts;
  return {
    holdLock: fromCallback<LeadershipEvent, NonReducibleUnknown>(({ sendBack }) => {
      if (election.isElected || parts.leads()) sendBack({ type: 'lock.granted' });
      if (!election.isElected) sendBack({ type: 'lock.lost' });
      const subscription = election.elected$.subscribe((isElected) =>
        sendBack({ type: isElected ? 'lock.granted' : 'lock.lost' }),
      );
      return () => subscription.unsubscribe();
    }),
    takeOver: fromPromise<void>(({ signal }) => insist(parts.takeOver, signal, yieldLead)),
    stepDown: fromPromise<void>(({ signal }) => insist(parts.stepDown, signal)),
  };

  function yieldLead(error: unknown, failures: number): void {
    if (!(error instanceof SyncError) || error.code !== 'storage-failed') election.retire();
    else if (failures === toleratedFailures) election.resign();
  }

  async function insist(
    task: () => Promise<void>,
    signal: AbortSignal,
    failed?: (error: unknown, failures: number) => void,
  ): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        return await task();
      } catch (error) {
        if (!signal.aborted) failed?.(error, failures + 1);
        await pause(clock, backOff(failures), signal);
      }
    }
  }
}
