import { createAdaptorServer } from '@hono/node-server';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SyncError } from '../../core/errors.ts';
import type { Clock } from '../../ports/environment.ts';

/** An HTTP server on a port. */
export interface HttpListener {
  /** Rejects with `unavailable` when the address cannot be listened on, or another one is listened on already. */
  listen(port: number, host: string): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no more connections; resolves when the requests under way are answered, or cut off after 5 s. Idempotent. */
  close(): Promise<void>;
}

const patienceMs = 5000;

/** Answers requests with `answer`, and hands upgrades on. Nothing happens before `listen`. */
export function createHttpListener(options: {
  readonly answer: (request: Request) => Promise<Response>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly clock: Clock;
}): HttpListener {
  const { answer, upgrade, clock } = options;
  const server = createAdaptorServer({ fetch: answer, overrideGlobalObjects: false }) as Server;
  let answering = 0;
  let isClosing = false;
  server.on('upgrade', upgrade);
  server.on('request', (_, response) => {
    answering += 1;
    response.once('close', () => {
      answering -= 1;
      if (isClosing && answering === 0) server.closeAllConnections();
    });
  });
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        const refuse = (cause: NodeJS.ErrnoException): void => {
          const reason = cause.code === 'EADDRINUSE' ? 'it is taken' : (cause.code ?? cause.message);
          const message = `${host}:${port} cannot be listened on: ${reason}. Choose another.`;
          reject(new SyncError('unavailable', message, { cause }));
        };
        if (server.listening) {
          const { url } = describe(server.address() as AddressInfo);
          reject(new SyncError('unavailable', `The server listens already, on ${url}. Create another one.`));
          return;
        }
        server.once('error', refuse);
        server.listen(port, host, () => {
          server.off('error', refuse);
          resolve(describe(server.address() as AddressInfo));
        });
      }),
    close: () =>
      new Promise((resolve) => {
        const cutOff = clock.setTimeout(() => server.closeAllConnections(), patienceMs);
        server.close(() => {
          clock.clearTimeout(cutOff);
          resolve();
        });
        isClosing = true;
        if (answering === 0) server.closeAllConnections();
      }),
  };
}

function describe({ address, family, port }: AddressInfo): { url: string; port: number } {
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, port };
}
