import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site on loopback, each page of which runs the same script. */
export interface ScriptSite {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves a classic script. */
export async function startScriptSite(script: string): Promise<ScriptSite> {
  const server = createServer((request, response) => {
    const isScript = request.url?.startsWith('/page.js') === true;
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
