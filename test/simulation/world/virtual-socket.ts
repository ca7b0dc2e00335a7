import { UnavailableError } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/ports/environment.ts';
import type { WebSocketConstructor } from '../../../src/ports/real-time.ts';
import type { SeededNetwork } from '../../../src/testing/network/seeded-network.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { FaultPlan } from '../fault-plan.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** The backend's end of one connection. */
export interface ServerEnd {
  received(text: string): void;
  /** The connection is over, or nothing will ever come through it any more. */
  closed(): void;
}

/** What the backend's end speaks through. */
export interface Line {
  send(text: string): void;
  close(code: number): void;
}

/** What sockets over a link are made of. */
export interface SocketOptions {
  readonly process: VirtualProcess;
  readonly clock: Clock;
  readonly link: SeededNetwork;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: () => FaultPlan;
  readonly isServerUp: () => boolean;
  /** After so long a line on which nothing comes any more has to be given up (G14). */
  readonly noticedWithinMs: number;
  readonly accept: (line: Line) => ServerEnd;
}

/** As much of a WebSocket as its user touches. */
interface SocketFace {
  readonly OPEN: 1;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: string }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
  terminate(): void;
}

const connectionLost = 1006;
const isChange = (text: string): boolean => text.startsWith('{"type":"change"');

/**
 * A WebSocket class whose connections run over a link: frames of changes are lost without a word, doubled and reordered, and
 * a line that breaks ends with a close event, or says nothing at all.
 */
export function createVirtualWebSocket(options: SocketOptions): WebSocketConstructor {
  function connect(): object {
    return createSocket(options);
  }
  return connect as unknown as WebSocketConstructor;
}

function createSocket(options: SocketOptions): SocketFace {
  const { noticedWithinMs, process, clock, link, random, trace, faults, isServerUp, accept } = options;
  let state: 'connecting' | 'open' | 'closed' = 'connecting';
  let server: ServerEnd | null = null;
  let isSilent = false;
  let lastDownMs = 0;
  let lastUpMs = 0;

  const later = (atMs: number, tell: () => void): void => {
    clock.setTimeout(() => {
      if (!isSilent) process.deliver(tell);
    }, atMs - clock.now());
  };
  const endServer = (): void => {
    server?.closed();
    server = null;
  };
  const tellClosed = (code: number): void => {
    lastDownMs = Math.max(lastDownMs, clock.now() + random.int(faults().maxDelayMs));
    later(lastDownMs, () => {
      if (state === 'closed') return;
      state = 'closed';
      socket.onclose?.({ code, reason: '' });
    });
  };
  const bring = (text: string, atMs: number): void => {
    later(atMs, () => {
      if (state === 'open') socket.onmessage?.({ data: text });
    });
  };
  const sendDown = (text: string): void => {
    const delayMs = link.frameDelayMs();
    if (!isChange(text)) {
      lastDownMs = Math.max(lastDownMs, clock.now() + (delayMs ?? 0));
      bring(text, lastDownMs);
      return;
    }
    if (delayMs === null) {
      trace.fault('frame lost', process.name);
      return;
    }
    if (random.chance(faults().framesReordered)) {
      trace.fault('frame reordered', process.name);
      bring(text, Math.max(lastDownMs, clock.now()) + random.int(1_000));
    } else {
      lastDownMs = Math.max(lastDownMs, clock.now() + delayMs);
      bring(text, lastDownMs);
    }
    if (!random.chance(faults().framesDoubled)) return;
    trace.fault('frame doubled', process.name);
    bring(text, Math.max(lastDownMs, clock.now()) + random.int(1_000));
  };
  /** G14: unless the process or its clock stood still or jumped meanwhile. */
  const expectNoticed = (): void => {
    if (process.isFrozen) return;
    const { stops } = process;
    const aheadMs = process.clock.now() - clock.now();
    clock.setTimeout(() => {
      const wasSteady = process.stops === stops && process.clock.now() - clock.now() === aheadMs;
      if (state !== 'closed' && process.isAlive && wasSteady)
        trace.violate(`G14 ${process.name} holds a line on which nothing came for ${noticedWithinMs} ms`);
    }, noticedWithinMs + 1);
  };
  const breakOff = (): void => {
    if (state === 'closed' || isSilent) return;
    trace.fault('socket lost', process.name);
    endServer();
    if (!random.chance(faults().linesSilenced)) {
      tellClosed(connectionLost);
      return;
    }
    trace.fault('line silent', process.name);
    isSilent = true;
    expectNoticed();
  };
  const open = (): void => {
    if (state !== 'connecting' || isSilent || !process.isAlive) return;
    if (link.isCut || !isServerUp()) {
      tellClosed(connectionLost);
      return;
    }
    server = accept({
      send: sendDown,
      close(code) {
        server = null;
        tellClosed(code);
      },
    });
    later(clock.now(), () => {
      if (state !== 'connecting') return;
      state = 'open';
      socket.onopen?.();
    });
  };
  const release = process.hold();
  const drops = link.dropped$.subscribe(breakOff);
  const hangUp = (): void => {
    state = 'closed';
    release();
    drops.unsubscribe();
    forget();
    endServer();
  };
  const forget = process.onKilled(hangUp);
  clock.setTimeout(open, 1 + random.int(faults().maxDelayMs));

  const socket: SocketFace = {
    OPEN: 1,
    onopen: null,
    onmessage: null,
    onclose: null,
    get readyState() {
      return state === 'open' ? 1 : 3;
    },
    send(text: string) {
      if (state !== 'open') throw new UnavailableError();
      lastUpMs = Math.max(lastUpMs, clock.now() + random.int(faults().maxDelayMs));
      clock.setTimeout(() => {
        if (!isSilent) server?.received(text);
      }, lastUpMs - clock.now());
    },
    close: hangUp,
    terminate: hangUp,
  };
  return socket;
}
