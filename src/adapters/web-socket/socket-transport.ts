import { Observable, type Subscriber } from 'rxjs';
import { UnavailableError, type SyncError } from '../../core/errors.ts';
import type { Clock } from '../../ports/environment.ts';
import type {
  RealTimeMessage,
  RealTimeSession,
  RealTimeTransport,
  WebSocketConstructor,
} from '../../ports/real-time.ts';
import type { Endpoint } from '../protocol/endpoint.ts';
import { redact } from '../protocol/redact.ts';
import type { TokenSource } from '../protocol/token-source.ts';
import { errorOfClose, malformedCode } from './close-code.ts';
import { createConversation, type Conversation } from './conversation.ts';
import { platformWebSocket } from './platform-web-socket.ts';

/** What connections are made with. */
export interface SocketTransportParts {
  readonly endpoint: Endpoint;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly WebSocket: WebSocketConstructor | undefined;
}

interface Line {
  readonly socket: WebSocket;
  readonly token: string | null;
  readonly conversation: Conversation;
  readonly subscriber: Subscriber<RealTimeMessage>;
}

/** A transport over parts that it may share with an HTTP client: address, token, clock. */
export function createSocketTransport(parts: SocketTransportParts): RealTimeTransport {
  return {
    connect: (session) =>
      new Observable((subscriber) => {
        const ending = new AbortController();
        subscriber.add(() => ending.abort());
        parts.tokens
          .get(session.clientId, ending.signal)
          .then((token) => {
            if (!subscriber.closed) open(parts, session, token, subscriber);
          })
          .catch((error: unknown) => subscriber.error(error));
      }),
  };
}

function open(
  { endpoint, clock, tokens, WebSocket }: SocketTransportParts,
  session: RealTimeSession,
  token: string | null,
  subscriber: Subscriber<RealTimeMessage>,
): void {
  const socket = createSocket(WebSocket ?? platformWebSocket(), endpoint.socket(), token);
  const fail = (error: SyncError): void => {
    if (error.code === 'unauthorized') tokens.refuse(token);
    hangUp(socket, error);
    subscriber.error(error);
  };
  const conversation = createConversation({
    clock,
    token,
    clientId: session.clientId,
    epoch: session.epoch,
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    emit: (message) => subscriber.next(message),
    fail,
  });
  listen({ socket, token, conversation, subscriber }, fail);
  subscriber.add(
    session.channels$.subscribe({
      next: (channels) => conversation.follow(channels),
      error: (error: unknown) => subscriber.error(error),
    }),
  );
}

/** A connection that may be dead is not waited for; `ws` would wait 30 s for the other side to close it. */
function hangUp(socket: WebSocket & { terminate?: () => void }, error: SyncError): void {
  if (error.code === 'bad-response') socket.close(malformedCode);
  else socket.terminate?.();
}

function createSocket(Constructor: WebSocketConstructor, url: string, token: string | null): WebSocket {
  try {
    return new Constructor(url, 'sync.v1');
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : 'not an error', token);
    throw new UnavailableError({ message: 'The real-time connection cannot be made.', detail: { reason } });
  }
}

function listen({ socket, token, conversation, subscriber }: Line, fail: (error: SyncError) => void): void {
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => conversation.opened();
  socket.onmessage = ({ data }) => conversation.received(data);
  // The close that follows tells more.
  socket.onerror = () => undefined;
  socket.onclose = ({ code, reason }) => {
    fail(errorOfClose(code, { closeCode: code, reason: redact(`${reason}`, token) }));
  };
  subscriber.add(() => {
    conversation.stop();
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(1000);
  });
}
