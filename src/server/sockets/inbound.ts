import type { RawData } from 'ws';
import type { SessionCloseCode } from '../../../machines/session.machine.ts';
import { createTurns } from '../adapters/turns.ts';
import { ProblemError } from '../problem.ts';
import type { RateLimit } from '../rate-limit.ts';
import { parseFrame, type ClientFrame } from './frames.ts';

/** Takes one message of a socket. */
export type Receive = (data: RawData, isBinary: boolean) => void;

/**
 * Hands well-formed frames to `handle`, one after the other, the first being `hello` and no other; ends the session for
 * anything else, for too many frames, and when a frame cannot be handled.
 */
export function createReceive(session: {
  readonly rateLimit: RateLimit;
  handle(frame: ClientFrame): Promise<void>;
  end(code: SessionCloseCode): void;
  reportFailure(error: unknown): void;
}): Receive {
  const turns = createTurns();
  let isGreeted = false;

  return (data, isBinary) => {
    if (isBinary) return session.end(1003);
    if (session.rateLimit.take('frames') !== null) return session.end(4429);
    const frame = parseFrame((data as Buffer).toString());
    if (frame === null || (frame.type === 'hello') === isGreeted) return session.end(4400);
    isGreeted = true;
    turns
      .take(() => session.handle(frame))
      .catch((error: unknown) => {
        if (!(error instanceof ProblemError)) session.reportFailure(error);
        session.end(1013);
      });
  };
}
