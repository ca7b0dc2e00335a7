import type { Observable, Subscription } from 'rxjs';
import { fromCallback, type CallbackActorLogic } from 'xstate';
import type { BackendFact } from '../../machines/facts.ts';
import type { RealTimeEvent, SocketInput } from '../../machines/real-time.machine.ts';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { SyncError } from '../core/errors.ts';
import { retryAfterOf, toSyncError } from '../outbox/thrown-errors.ts';
import { epochOf } from '../outbox/told-epoch.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../ports/real-time.ts';
import { createFrameBuffer, type FrameParts } from './frame-buffer.ts';
import type { BackOff } from './back-off.ts';
import type { KnownLife } from './life.ts';
import { every } from './platform.actors.ts';

export interface SocketParts extends FrameParts, KnownLife {
  readonly transport: RealTimeTransport | null;
  readonly clientId: string;
  readonly backOff: BackOff;
  readonly channels$: Observable<readonly RealTimeChannel[]>;
  /** Milliseconds between catch-ups for the sake of channels that the backend refused. */
  readonly pollMs: number;
  /** The backend does not bring this channel. */
  refused(channel: string, error: SyncError): void;
  hasRefused(): boolean;
  /** Channels that were refused may be allowed by now. */
  reconsider(): void;
  generation(): number;
  report(event: RootEvent): void;
}

/** Holds one connection. Frames of one tick are taken in together; an end of any kind is `socket.lost`. */
export function createSocket(parts: SocketParts): CallbackActorLogic<RealTimeEvent, SocketInput> {
  return fromCallback<RealTimeEvent, SocketInput>(({ sendBack, input }) => {
    const frames = createFrameBuffer(parts);
    const generation = parts.generation();
    const asked = parts.epoch();
    let endPoll: (() => void) | null = null;
    const lose = (error: SyncError | null) => {
      const delayMs = (error ? retryAfterOf(error) : 0) + parts.backOff(input.attempt);
      sendBack({ type: 'socket.lost', fact: factOf(error, generation, parts.isLive()), delayMs });
    };
    const receive = (message: RealTimeMessage) => {
      switch (message.type) {
        case 'open':
          if (parts.hearEpoch(asked, epochOf(message)) === 'unsure') return lose(null);
          parts.report({ type: 'request.authorized', generation, purpose: 'read' });
          return sendBack({ type: 'socket.opened' });
        case 'change':
          return frames.add(message.change);
        case 'refused':
          endPoll ??= every(parts.clock, parts.pollMs, () => {
            if (parts.hasRefused()) parts.report({ type: 'feed.pull' });
          });
          return parts.refused(message.channel, message.error);
        case 'resync':
          frames.missed();
          return parts.reconsider();
        case 'poke':
          return frames.missed();
      }
    };
    parts.reconsider();
    const subscription = connect(parts, receive, lose);
    return () => {
      subscription?.unsubscribe();
      endPoll?.();
      frames.close();
    };
  });
}

function connect(
  { transport, clientId, channels$, epoch }: SocketParts,
  receive: (message: RealTimeMessage) => void,
  lose: (error: SyncError | null) => void,
): Subscription | null {
  const known = epoch();
  try {
    return (
      transport?.connect({ clientId, channels$, ...(known === null ? {} : { epoch: known }) }).subscribe({
        next: receive,
        error: (error: unknown) => lose(toSyncError(error)),
        complete: () => lose(null),
      }) ?? null
    );
  } catch (error) {
    lose(toSyncError(error));
    return null;
  }
}

/** A connection that never came to life says nothing of the way that requests take; one that was alive does. */
function factOf(error: SyncError | null, generation: number, wasLive: boolean): BackendFact | null {
  switch (error?.code) {
    case 'unauthorized':
      return { type: 'request.unauthorized', generation, purpose: 'read' };
    case 'rate-limited':
    case 'forbidden':
      return null;
    default:
      return wasLive ? { type: 'backend.unreachable' } : null;
  }
}
