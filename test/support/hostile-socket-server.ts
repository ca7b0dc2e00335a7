import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { keepForSearch } from './token-search.ts';

/** One connection, seen from the server. */
export interface HostileConnection {
  /** Address and headers of the upgrade, as one text. */
  readonly upgrade: string;
  /** The next frame from the client, parsed. Each is given once, in order. */
  receive(): Promise<unknown>;
  /** An object is sent as JSON, text as it is, bytes as a binary frame. */
  send(frame: object | string | Uint8Array): void;
  close(code: number, reason?: string): void;
  /** Cuts the line without a word. */
  terminate(): void;
  /** Resolves with the close code when the connection has ended. */
  readonly closed: Promise<number>;
}

/** A loopback WebSocket server that leaves everything to the test. */
export interface HostileSocketServer {
  readonly url: string;
  /** The next connection. Each is given once, in order. */
  accept(): Promise<HostileConnection>;
  close(): Promise<void>;
}

export async function startHostileSocketServer(): Promise<HostileSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sync.v1' });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const connections = createMailbox<HostileConnection>();
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    keepForSearch('address', [request.url, request.headers]);
    connections.put(createConnection(socket, request));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: () => connections.take(),
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

function createConnection(socket: WebSocket, request: IncomingMessage): HostileConnection {
  const frames = createMailbox<unknown>();
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData) => frames.put(JSON.parse((data as Buffer).toString())));
  return {
    upgrade: JSON.stringify([request.url, request.headers]),
    receive: () => frames.take(),
    send: (frame) =>
      socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    closed: new Promise((resolve) => {
      socket.on('close', resolve);
    }),
  };
}

function createMailbox<T>() {
  const values: T[] = [];
  const takers: ((value: T) => void)[] = [];
  return {
    put(value: T): void {
      const taker = takers.shift();
      if (taker === undefined) values.push(value);
      else taker(value);
    },
    take: (): Promise<T> =>
      values.length > 0 ? Promise.resolve(values.shift() as T) : new Promise((resolve) => takers.push(resolve)),
  };
}
