import { createHash, timingSafeEqual } from 'node:crypto';
import { createSyncServer, type Authenticate } from '../server/index.ts';
import { readServeOptions } from './serve-options.ts';

/** `syncline serve`: serves until SIGINT or SIGTERM, then ends connections in order and resolves. */
export async function serve(args: readonly string[]): Promise<void> {
  const { port, host, database, restored, origins, token } = readServeOptions(args, process.env);
  const server = await createSyncServer({
    origins,
    restored,
    ...(database !== undefined && { database }),
    ...(token !== undefined && { authenticate: acceptOnly(token) }),
  });
  const stopped = stopSignal();
  try {
    const { url } = await server.listen(port, host);
    console.log(`Listening on ${url}`);
    await stopped;
  } finally {
    await server.close();
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function acceptOnly(expected: string): Authenticate {
  const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
  const wanted = digest(expected);
  return (token) => (token !== null && timingSafeEqual(digest(token), wanted) ? { id: 'token' } : null);
}
