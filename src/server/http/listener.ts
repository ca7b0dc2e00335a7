import { createAdaptorServer } from '@hono/node-server';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** An HTTP server on a port. */
export interface HttpListener {
  listen(port: number, host: string): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no more connections; resolves when the requests under way are answered. Idempotent. */
  close(): Promise<void>;
}

export function createHttpListener(
  answer: (request: Request) => Promise<Response>,
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): HttpListener {
  const server = createAdaptorServer({ fetch: answer, overrideGlobalObjects: false }) as Server;
  server.on('upgrade', upgrade);
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve(describe(server.address() as AddressInfo));
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function describe({ address, family, port }: AddressInfo): { url: string; port: number } {
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, port };
}
