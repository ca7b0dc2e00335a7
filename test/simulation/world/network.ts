import { Subject, type Observable } from 'rxjs';
import type { Clock, NetworkSignals } from '../../../src/ports/environment.ts';
import { UnavailableError } from '../../../src/core/errors.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { FaultPlan } from '../fault-plan.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** The way between one client and the backend. */
export interface Link {
  /**
   * Carries a call to the backend and its answer back, each copy with a fate of its own: lost, answered into nowhere,
   * doubled, late. Rejects when `signal` aborts; what is on its way then still arrives.
   */
  call<T>(process: VirtualProcess, label: string, handle: () => T, signal: AbortSignal): Promise<T>;
  /** How long the next frame takes, in milliseconds, or null when it is lost. */
  frameDelayMs(): number | null;
  cut(): void;
  mend(): void;
  readonly isCut: boolean;
  /** Breaks every socket. */
  dropSockets(): void;
  readonly dropped$: Observable<void>;
  /** What the platform says of the network. */
  signals(process: VirtualProcess): NetworkSignals;
}

/** What a link is made of. `random` decides what becomes of each copy of a call. */
export interface LinkOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  /** The faults that hold now. */
  readonly faults: () => FaultPlan;
  /** Whether the backend's process runs. */
  readonly isServerUp: () => boolean;
}

/** A link that is whole. */
export function createLink({ name, clock, random, trace, faults, isServerUp }: LinkOptions): Link {
  const dropped$ = new Subject<void>();
  const hints$ = new Subject<boolean>();
  let isCut = false;
  let saysOnLine = true;

  const delayMs = (): number => random.int(faults().maxDelayMs);
  const lostConnection = (): Error =>
    random.chance(0.5) ? new UnavailableError({ message: 'Connection lost.' }) : new TypeError('fetch failed');
  const setCut = (next: boolean): void => {
    isCut = next;
    if (next) dropped$.next();
    if (saysOnLine === !next || random.chance(0.5)) return;
    saysOnLine = !next;
    hints$.next(saysOnLine);
  };

  const call: Link['call'] = (process, label, handle, signal) =>
    new Promise((resolve, reject) => {
      const fail = (): void => {
        if (random.chance(faults().silent)) return;
        const error = lostConnection();
        clock.setTimeout(() => {
          process.deliver(() => {
            reject(error);
          });
        }, 1 + delayMs());
      };
      const answer = (tell: () => void): void => {
        const isLost = random.chance(faults().answersLost);
        clock.setTimeout(() => {
          if (!isLost && !isCut) {
            process.deliver(tell);
            return;
          }
          trace.fault(isCut ? 'partition' : 'answer lost', `${name} ${label}`);
          fail();
        }, delayMs());
      };
      const sendCopy = (): void => {
        const isLost = random.chance(faults().requestsLost);
        clock.setTimeout(() => {
          if (isLost || isCut || !isServerUp()) {
            trace.fault(isLost ? 'request lost' : 'partition', `${name} ${label}`);
            fail();
            return;
          }
          try {
            const value = handle();
            answer(() => {
              resolve(value);
            });
          } catch (error) {
            answer(() => {
              reject(error as Error);
            });
          }
        }, delayMs());
      };

      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      if (!process.isAlive) return;
      trace.note(`${process.name} calls ${label}`);
      sendCopy();
      if (random.chance(faults().doubled)) {
        trace.fault('doubled', `${name} ${label}`);
        sendCopy();
      }
    });

  return {
    call,
    frameDelayMs: () => {
      const takesMs = delayMs();
      return random.chance(faults().framesLost) ? null : takesMs;
    },
    cut() {
      if (!isCut) setCut(true);
    },
    mend() {
      if (isCut || !saysOnLine) setCut(false);
    },
    get isCut() {
      return isCut;
    },
    dropSockets() {
      dropped$.next();
    },
    dropped$,
    signals: (process) => ({
      get onLine() {
        return saysOnLine;
      },
      changes$: process.watch(hints$),
    }),
  };
}
