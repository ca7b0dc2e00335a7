import { Observable } from 'rxjs';
import { UnauthorizedError, UnavailableError } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/ports/environment.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../../src/ports/real-time.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { FaultPlan } from '../fault-plan.ts';
import type { Backend } from './backend.ts';
import { createBackendSession, type BackendSession } from './backend-session.ts';
import type { Link } from './network.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** What one process opens sockets with. */
export interface TransportOptions {
  readonly process: VirtualProcess;
  readonly clock: Clock;
  readonly backend: Backend;
  readonly link: Link;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: () => FaultPlan;
  readonly isServerUp: () => boolean;
  readonly isAuthorized: () => boolean;
}

const heartbeatMs = 25_000;

/** A socket over a link: frames keep their order, may be doubled, and a lost one is told as a `poke` with the next or a heartbeat. */
export function createVirtualTransport(options: TransportOptions): RealTimeTransport {
  const { process, clock, backend, link, random, trace, faults } = options;
  const connectError = (): Error | null => {
    if (link.isCut || !options.isServerUp()) return new UnavailableError();
    return options.isAuthorized() ? null : new UnauthorizedError();
  };

  return {
    connect: ({ channels$ }) =>
      new Observable<RealTimeMessage>((subscriber) => {
        const release = process.hold();
        let channels: readonly RealTimeChannel[] = [];
        let session: BackendSession | null = null;
        let isClosed = false;
        let isLost = false;
        let missed = false;
        let lastAtMs = 0;

        const deliver = (message: RealTimeMessage, delayMs: number): void => {
          lastAtMs = Math.max(lastAtMs, clock.now() + delayMs);
          clock.setTimeout(() => {
            if (isClosed) return;
            process.deliver(() => {
              subscriber.next(message);
            });
          }, lastAtMs - clock.now());
        };
        const tellMissed = (): void => {
          if (missed && session) deliver({ type: 'poke' }, 0);
          missed = false;
        };
        const receive = (message: RealTimeMessage): void => {
          if (!process.isAlive) session?.close();
          const delayMs = link.frameDelayMs();
          if (delayMs === null && message.type !== 'open') {
            trace.fault('frame lost', process.name);
            missed = true;
            clock.setTimeout(tellMissed, heartbeatMs);
            return;
          }
          tellMissed();
          deliver(message, delayMs ?? 0);
          if (message.type !== 'change' || !random.chance(faults().framesDoubled)) return;
          trace.fault('frame doubled', process.name);
          deliver(message, random.int(1_000));
        };
        const lose = (error: Error): void => {
          isLost = true;
          session?.close();
          session = null;
          clock.setTimeout(() => {
            if (isClosed) return;
            process.deliver(() => {
              subscriber.error(error);
            });
          }, random.int(faults().maxDelayMs));
        };

        const channelsWatch = channels$.subscribe((wanted) => {
          channels = wanted;
          session?.follow(wanted);
        });
        const linkWatch = link.dropped$.subscribe(() => {
          if (session) trace.fault('socket lost', process.name);
          lose(new UnavailableError());
        });
        clock.setTimeout(
          () => {
            if (isClosed || isLost || !process.isAlive) return;
            const error = connectError();
            if (error) {
              lose(error);
              return;
            }
            session = createBackendSession(backend, receive);
            session.follow(channels);
          },
          1 + random.int(faults().maxDelayMs),
        );

        return () => {
          isClosed = true;
          release();
          session?.close();
          channelsWatch.unsubscribe();
          linkWatch.unsubscribe();
        };
      }),
  };
}
