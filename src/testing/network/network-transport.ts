import { Observable, ReplaySubject, Subscription } from 'rxjs';
import { UnavailableError } from '../../core/errors.ts';
import type { Clock } from '../../ports/environment.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../ports/real-time.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { openEnd, silentLog, type NetworkEnd, type NetworkFaults, type NetworkLog } from './network-faults.ts';
import type { SeededNetwork } from './seeded-network.ts';

/** What sockets over a network are made of: the same clock and faults as the network's, chance of their own. */
export interface NetworkTransportOptions {
  readonly network: SeededNetwork;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly faults: () => NetworkFaults;
  readonly end?: NetworkEnd;
  readonly log?: NetworkLog;
  /** Why no connection comes about now; null: it does. */
  readonly refusal?: () => Error | null;
}

const heartbeatMs = 25_000;

/**
 * A transport on the other side of a network: frames keep their order, may be doubled, and a lost one is told as a `poke` with the next or
 * with a heartbeat. A network that is cut, or told to drop its sockets, ends the connection with an error.
 */
export function createNetworkTransport(
  transport: RealTimeTransport,
  options: NetworkTransportOptions,
): RealTimeTransport {
  const { network, clock, random, faults, end = openEnd, log = silentLog, refusal = () => null } = options;
  const connectError = (): Error | null => (network.isCut ? new UnavailableError() : refusal());

  return {
    connect: (session) =>
      new Observable<RealTimeMessage>((subscriber) => {
        const channels$ = new ReplaySubject<readonly RealTimeChannel[]>(1);
        let line: Subscription | null = null;
        let isClosed = false;
        let isLost = false;
        let missed = false;
        let lastAtMs = 0;

        const hangUp = (): void => {
          line?.unsubscribe();
          line = null;
        };
        const deliver = (message: RealTimeMessage, delayMs: number): void => {
          lastAtMs = Math.max(lastAtMs, clock.now() + delayMs);
          clock.setTimeout(() => {
            if (isClosed) return;
            end.deliver(() => {
              subscriber.next(message);
            });
          }, lastAtMs - clock.now());
        };
        const tellMissed = (): void => {
          if (missed && line) deliver({ type: 'poke' }, 0);
          missed = false;
        };
        const receive = (message: RealTimeMessage): void => {
          const delayMs = network.frameDelayMs();
          if (delayMs === null && message.type !== 'open') {
            log.fault('frame lost', end.name);
            missed = true;
            clock.setTimeout(tellMissed, heartbeatMs);
            return;
          }
          tellMissed();
          deliver(message, delayMs ?? 0);
          if (message.type !== 'change' || !random.chance(faults().framesDoubled)) return;
          log.fault('frame doubled', end.name);
          deliver(message, random.int(1_000));
        };
        const lose = (error: Error): void => {
          isLost = true;
          hangUp();
          clock.setTimeout(() => {
            if (isClosed) return;
            end.deliver(() => {
              subscriber.error(error);
            });
          }, random.int(faults().maxDelayMs));
        };
        const dialUp = (): void => {
          if (isClosed || isLost || !end.isAlive) return;
          const error = connectError();
          if (error) {
            lose(error);
            return;
          }
          line = new Subscription();
          line.add(
            transport.connect({ ...session, channels$ }).subscribe({
              next: receive,
              error: lose,
              complete: () => lose(new UnavailableError()),
            }),
          );
        };

        const channelsWatch = session.channels$.subscribe(channels$);
        const networkWatch = network.dropped$.subscribe(() => {
          if (line) log.fault('socket lost', end.name);
          lose(new UnavailableError());
        });
        clock.setTimeout(dialUp, 1 + random.int(faults().maxDelayMs));

        return () => {
          isClosed = true;
          hangUp();
          channelsWatch.unsubscribe();
          networkWatch.unsubscribe();
        };
      }),
  };
}
