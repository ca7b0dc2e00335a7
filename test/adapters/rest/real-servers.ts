import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import jsonServer from 'json-server';
import { create as createTemba } from 'temba';

/** A REST server of somebody else, on loopback, with data in memory. */
export interface RealServer {
  readonly url: string;
  close(): Promise<void>;
}

/** json-server: Express, numbered pages, filters by any field, no preconditions, no word on duplicates but a 500. */
export async function startJsonServer(rows: readonly object[] = []): Promise<RealServer> {
  const application = jsonServer.create();
  application.use(jsonServer.defaults({ logger: false }));
  application.use(jsonServer.router({ notes: [...rows], tasks: [] }));
  return listen(createServer(application));
}

/** Temba: entity tags on what is read, `If-Match` demanded of every change, ids in the address only, whole lists. */
export async function startTemba(): Promise<RealServer> {
  process.env['LOG_LEVEL'] ??= 'error';
  const { server } = await createTemba({ etags: true, openapi: false });
  return listen(server);
}

async function listen(server: Server): Promise<RealServer> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
