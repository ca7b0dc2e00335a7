import type { RawData, WebSocket } from 'ws';
import type { SessionCloseCode } from '../../../machines/session.machine.ts';
import { createTurns } from '../adapters/turns.ts';
import { ProblemError } from '../problem.ts';
import type { RateLimit } from '../rate-limit.ts';
import { parseFrame, type ClientFrame } from './frames.ts';

/** What comes in on one socket, one piece of work after the other; while one is done, the socket is not read. */
export interface Inbound {
  /** Takes one message of the socket. Does nothing once the session is over. */
  receive(data: RawData, isBinary: boolean): void;
  /** Does something in turn with the frames, unless the session is over by then. */
  inTurn(work: () => Promise<void>): void;
}

/**
 * Hands well-formed frames to `handle`, the first being `hello` and no other; ends the session for anything else, for too many
 * frames, and when a frame cannot be handled.
 */
export function createInbound(session: {
  readonly socket: Pick<WebSocket, 'pause' | 'resume'>;
  readonly rateLimit: RateLimit;
  isOpen(): boolean;
  awaitsHello(): boolean;
  helloReceived(): void;
  handle(frame: ClientFrame): Promise<void>;
  end(code: SessionCloseCode): void;
  reportFailure(error: unknown): void;
}): Inbound {
  const { socket } = session;
  const turns = createTurns();
  let waiting = 0;

  const inTurn = (work: () => Promise<void>): void => {
    if (!session.isOpen()) return;
    waiting += 1;
    socket.pause();
    void turns
      .take(async () => (session.isOpen() ? work() : undefined))
      .catch((error: unknown) => {
        if (!(error instanceof ProblemError)) session.reportFailure(error);
        session.end(1013);
      })
      .finally(() => {
        waiting -= 1;
        if (waiting === 0) socket.resume();
      });
  };

  return {
    receive(data, isBinary) {
      if (!session.isOpen()) return;
      if (isBinary) return session.end(1003);
      if (session.rateLimit.take('frames') !== null) return session.end(4429);
      const frame = parseFrame((data as Buffer).toString());
      if (frame === null || (frame.type === 'hello') !== session.awaitsHello()) return session.end(4400);
      if (frame.type === 'hello') session.helloReceived();
      inTurn(() => session.handle(frame));
    },
    inTurn,
  };
}
