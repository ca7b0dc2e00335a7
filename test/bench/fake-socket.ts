import type { WebSocketConstructor } from '../../src/index.ts';

/** The network end of a WebSocket that is none: whoever connects is welcomed. */
export interface FakeSocket {
  readonly WebSocket: WebSocketConstructor;
  /** Hands the text to the connection, as a message event does. */
  deliver(text: string): void;
}

const welcome = { type: 'welcome', sessionId: 'bench', epoch: 'bench', heartbeatMs: 300_000, maxBytes: 65_536 };

type Handlers = Pick<WebSocket, 'onopen' | 'onmessage'>;

export function createFakeSocket(): FakeSocket {
  let current: Handlers | null = null;

  const deliver = (text: string): void => {
    current?.onmessage?.call(current as WebSocket, { data: text } as MessageEvent);
  };

  function connect(): object {
    const socket = {
      OPEN: 1,
      readyState: 1,
      onopen: null,
      onmessage: null,
      send: (text: string) => {
        if (text.includes('"hello"')) queueMicrotask(() => deliver(JSON.stringify(welcome)));
      },
      close: () => undefined,
    } as unknown as Handlers;
    current = socket;
    queueMicrotask(() => socket.onopen?.call(socket as WebSocket, {} as Event));
    return socket;
  }

  return { WebSocket: connect as unknown as WebSocketConstructor, deliver };
}
