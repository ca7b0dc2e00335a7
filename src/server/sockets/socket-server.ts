import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Cors } from '../http/cors.ts';
import type { StoredChange } from '../ports/store.ts';
import { createChangeFormat } from './change-text.ts';
import { createFeedWindow } from './feed-window.ts';
import { createSessionRegistry } from './session-registry.ts';
import { openSession, type SessionPorts } from './session.ts';

const protocol = 'sync.v1';
const path = '/v1/socket';
const windowSize = 16 * 1024 * 1024;

/** The WebSocket side of the protocol. */
export interface SocketServer {
  /** Takes over an upgrade to `/v1/socket` with the subprotocol `sync.v1`; refuses any other with an HTTP status. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every session with 1001; resolves when the last socket is closed. Idempotent. */
  close(): Promise<void>;
}

/** Serves sockets over the given ports; nothing happens before the first upgrade. */
export function createSocketServer(
  options: Omit<SessionPorts, 'registry' | 'window' | 'formatChange'> & { readonly cors: Cors },
): SocketServer {
  const { store, fanOut, limits, cors } = options;
  const formatChange = createChangeFormat();
  const sizeOf = (change: StoredChange): number => formatChange(change, 'whole').length;
  const window = createFeedWindow({ store, fanOut }, { sizeOf, sizeMax: windowSize });
  const registry = createSessionRegistry(limits.socketsPerPrincipal);
  const ports: SessionPorts = { ...options, registry, window, formatChange };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    handleProtocols: () => protocol,
  });
  let isClosed = false;

  const refusalOf = ({ headers }: IncomingMessage, url: URL | null): string | null => {
    const { origin = null, host = null } = headers;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (isClosed) return '503 Service Unavailable';
    if (url === null) return '400 Bad Request';
    if (url.pathname !== path) return '404 Not Found';
    if (!cors.allows(origin, host)) return '403 Forbidden';
    return offered.includes(protocol) ? null : '400 Bad Request';
  };

  return {
    upgrade(incoming, socket, head) {
      const url = urlOf(incoming);
      const refusal = refusalOf(incoming, url);
      if (url === null || refusal !== null) {
        socket.on('error', () => socket.destroy());
        socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      const request = toRequest(incoming, url);
      sockets.handleUpgrade(incoming, socket, head, (opened) => openSession(ports, opened, request));
    },
    async close() {
      isClosed = true;
      registry.endAll(1001);
      window.close();
      await Promise.all([...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
  };
}

/** Null: path or host are nothing that a Request could have. */
function urlOf({ url = '/', headers }: IncomingMessage): URL | null {
  const base = `http://${headers.host ?? 'localhost'}`;
  const parsed = URL.canParse(url, base) ? new URL(url, base) : null;
  return parsed === null || parsed.username !== '' || parsed.password !== '' ? null : parsed;
}

/** The upgrade as the app's `authenticate` sees it. */
function toRequest(request: IncomingMessage, url: URL): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const item of [value ?? []].flat()) headers.append(name, item);
  }
  return new Request(url, { headers });
}
