import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAtOnce } from './at-once-backend.ts';
import { answerAsCouch } from './couch-backend.ts';

/** A server on the loopback interface: an empty page, and a backend that answers at once. */
export interface Loopback {
  readonly origin: string;
  close(): Promise<void>;
}

/** The page and the backend share one origin, so that no request needs another one before it. */
export async function startLoopback(): Promise<Loopback> {
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const body = Buffer.concat(chunks).toString();
  if (url.pathname === '/') {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,">');
    return;
  }
  const asked = { method: request.method ?? 'GET', url, body };
  const answered = url.pathname.startsWith('/couch') ? answerAsCouch(asked) : answerAtOnce(asked);
  response.writeHead(answered === null ? 404 : 200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Sync-Protocol': '1',
  });
  response.end(JSON.stringify(answered ?? {}));
}
