import { defer, finalize, Observable } from 'rxjs';
import { UnauthorizedError, UnavailableError } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/ports/environment.ts';
import type { RealTimeMessage, RealTimeTransport } from '../../../src/ports/real-time.ts';
import { createNetworkTransport } from '../../../src/testing/network/network-transport.ts';
import type { SeededNetwork } from '../../../src/testing/network/seeded-network.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { FaultPlan } from '../fault-plan.ts';
import type { Backend } from './backend.ts';
import { createBackendSession } from './backend-session.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** What one process opens sockets with. */
export interface TransportOptions {
  readonly process: VirtualProcess;
  readonly clock: Clock;
  readonly backend: Backend;
  readonly link: SeededNetwork;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: () => FaultPlan;
  readonly isServerUp: () => boolean;
  readonly isAuthorized: () => boolean;
}

/** A socket over a link: see {@link createNetworkTransport}. It ends with the process that opened it. */
export function createVirtualTransport(options: TransportOptions): RealTimeTransport {
  const { process, backend, link, trace } = options;
  const refusal = (): Error | null => {
    if (!options.isServerUp()) return new UnavailableError();
    return options.isAuthorized() ? null : new UnauthorizedError();
  };
  const direct: RealTimeTransport = {
    connect: ({ channels$ }) =>
      new Observable<RealTimeMessage>((subscriber) => {
        const session = createBackendSession(backend, (message) => {
          if (!process.isAlive) session.close();
          subscriber.next(message);
        });
        const channelsWatch = channels$.subscribe((channels) => {
          session.follow(channels);
        });
        return () => {
          channelsWatch.unsubscribe();
          session.close();
        };
      }),
  };
  const networked = createNetworkTransport(direct, { ...options, network: link, end: process, log: trace, refusal });

  return {
    connect: (session) => defer(() => networked.connect(session).pipe(finalize(process.hold()))),
  };
}
