import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { PlainError } from './plain-error.mjs';
import { addSampleTasks } from './sample-tasks.mjs';

/** Browsers keep data per port, so the same one is used again where it is free. */
const preferredPort = 4870;

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

/** Serves the page and the sync server under one origin. `port` null: the preferred one, or any that is free. */
export async function servePlayground({ database, port, page }) {
  const http = createServer();
  await listen(http, port);
  const address = http.address().port;
  const opening = openSyncServer(database, [`http://localhost:${address}`, `http://127.0.0.1:${address}`]);

  const answer = async (request) =>
    new URL(request.url).pathname.startsWith('/v1/') ? (await opening).fetch(request) : file(page, request);
  const listener = getRequestListener(answer);
  http.on('request', (request, response) => void listener(request, response));
  http.on('upgrade', (request, socket, head) => {
    opening.then(
      (sync) => sync.handleUpgrade(request, socket, head),
      () => socket.destroy(),
    );
  });

  const sync = await opening.catch((error) => {
    http.close();
    http.closeAllConnections();
    throw error;
  });
  return {
    url: `http://localhost:${address}/`,
    async close() {
      http.close();
      await sync.close();
      http.closeAllConnections();
    },
  };
}

async function listen(http, port) {
  try {
    http.listen(port ?? preferredPort, '127.0.0.1');
    await once(http, 'listening');
  } catch (error) {
    if (port === null && error.code === 'EADDRINUSE') return listen(http, 0);
    if (error.code === 'EADDRINUSE')
      throw new PlainError(`Port ${port} is in use. Choose another one with PORT, or none.`);
    if (error.code === 'EACCES')
      throw new PlainError(`Port ${port} is not yours to use. Choose one above 1023 with PORT.`);
    throw error;
  }
}

async function openSyncServer(database, origins) {
  const { createSyncServer } = await import('../../dist/src/server/index.js');
  const sync = await createSyncServer({ database, origins }).catch((error) => {
    throw new PlainError(error.message);
  });
  await addSampleTasks(sync);
  return sync;
}

function pathOf(page, pathname) {
  try {
    const path = normalize(join(page, pathname === '/' ? 'index.html' : decodeURIComponent(pathname)));
    return path.startsWith(page) ? path : null;
  } catch {
    return null;
  }
}

async function file(page, request) {
  const { pathname } = new URL(request.url);
  const path = pathOf(page, pathname);
  const body = path === null ? null : await readFile(path).catch(() => null);
  if (body === null) return new Response('Not found.\n', { status: 404, headers: { 'content-type': 'text/plain' } });
  const cacheControl = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
  return new Response(body, { headers: { 'content-type': contentType, 'cache-control': cacheControl } });
}
