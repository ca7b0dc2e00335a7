import { Subject, type Observable } from 'rxjs';
import { UnavailableError } from '../../core/errors.ts';
import type { Clock, NetworkSignals } from '../../ports/environment.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { openEnd, silentLog, type NetworkEnd, type NetworkFaults, type NetworkLog } from './network-faults.ts';

/** The way between one client and the backend. */
export interface SeededNetwork {
  /**
   * Carries a call to the backend and its answer back, each copy with a fate of its own: lost, answered into nowhere,
   * doubled, late. Rejects when `signal` aborts; what is on its way then still arrives.
   */
  call<T>(end: NetworkEnd, label: string, handle: () => T | Promise<T>, signal: AbortSignal): Promise<T>;
  /** How long the next frame takes, in milliseconds, or null when it is lost. */
  frameDelayMs(): number | null;
  cut(): void;
  mend(): void;
  readonly isCut: boolean;
  /** Breaks every socket. */
  dropSockets(): void;
  readonly dropped$: Observable<void>;
  /** What the platform says of the network. */
  signals(end?: NetworkEnd): NetworkSignals;
}

/** What a network is made of. `random` decides what becomes of each copy of a call. */
export interface SeededNetworkOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** The faults that hold now. */
  readonly faults: () => NetworkFaults;
  /** In the lines of the log; default `network`. */
  readonly name?: string;
  /** Hears what happens; default: nobody. */
  readonly log?: NetworkLog;
  /** Whether the backend's process runs; default: always. */
  readonly isServerUp?: () => boolean;
}

/**
 * A network that is whole, between one client and its backend. Same seed, same calls: same fates.
 *
 * @example
 * const clock = createVirtualClock();
 * const faults = () => ({ ...noNetworkFaults, answersLost: 0.3, maxDelayMs: 2_000 });
 * const network = createSeededNetwork({ clock, random: createSeededRandom(7), faults });
 * const sync = createSyncService(createNetworkApiClient(client, network), { environment });
 * network.cut();
 */
export function createSeededNetwork(options: SeededNetworkOptions): SeededNetwork {
  const { clock, random, faults, name = 'network', log = silentLog, isServerUp = () => true } = options;
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

  const call: SeededNetwork['call'] = (end, label, handle, signal) =>
    new Promise((resolve, reject) => {
      const fail = (): void => {
        if (random.chance(faults().silent)) return;
        const error = lostConnection();
        clock.setTimeout(() => {
          end.deliver(() => {
            reject(error);
          });
        }, 1 + delayMs());
      };
      const answer = (tell: () => void): void => {
        const isLost = random.chance(faults().answersLost);
        clock.setTimeout(() => {
          if (!isLost && !isCut) {
            end.deliver(tell);
            return;
          }
          log.fault(isCut ? 'partition' : 'answer lost', `${name} ${label}`);
          fail();
        }, delayMs());
      };
      const sendCopy = (): void => {
        const isLost = random.chance(faults().requestsLost);
        clock.setTimeout(() => {
          if (isLost || isCut || !isServerUp()) {
            log.fault(isLost ? 'request lost' : 'partition', `${name} ${label}`);
            fail();
            return;
          }
          const tellBack = <V>(value: V, tell: (value: V) => void): void =>
            answer(() => {
              tell(value);
            });
          try {
            const value = handle();
            if (value instanceof Promise)
              value.then(
                (answered) => tellBack(answered, resolve),
                (error: unknown) => tellBack(error as Error, reject),
              );
            else tellBack(value, resolve);
          } catch (error) {
            tellBack(error as Error, reject);
          }
        }, delayMs());
      };

      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      if (!end.isAlive) return;
      log.note(`${end.name} calls ${label}`);
      sendCopy();
      if (random.chance(faults().doubled)) {
        log.fault('doubled', `${name} ${label}`);
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
    signals: (end = openEnd) => ({
      get onLine() {
        return saysOnLine;
      },
      changes$: end.watch(hints$),
    }),
  };
}
