import { BehaviorSubject, skip } from 'rxjs';
import type { NetworkSignals } from '../../../src/index.ts';

/** What a platform says of the network, and a hand to say it with. */
export interface OnlineSwitch {
  readonly network: NetworkSignals;
  set(onLine: boolean): void;
}

export function createOnlineSwitch(onLine: boolean): OnlineSwitch {
  const state$ = new BehaviorSubject(onLine);
  return {
    network: {
      get onLine() {
        return state$.value;
      },
      changes$: state$.pipe(skip(1)),
    },
    set: (value) => state$.next(value),
  };
}
