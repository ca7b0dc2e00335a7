import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SyncError } from '../core/errors.ts';
import { uuidv7 } from '../core/uuid.ts';
import { createAccess } from './access.ts';
import { checkServerOptions } from './check-options.ts';
import { createFeedReader } from './feed-reader.ts';
import { createApp } from './http/app.ts';
import { createCors } from './http/cors.ts';
import { createHooks } from './hooks.ts';
import { createHttpListener } from './http/listener.ts';
import { withDefaults } from './limits.ts';
import { openFanOut } from './open-fan-out.ts';
import { openStore } from './open-store.ts';
import type { SyncServerOptions } from './options.ts';
import { createRateLimit } from './rate-limit.ts';
import { keepWithinRetention } from './retention.ts';
import { createSocketServer } from './sockets/socket-server.ts';
import { systemClock } from './system-clock.ts';
import { createValidation } from './validation.ts';
import { createWriter } from './writer.ts';

/** A reference server. */
export interface SyncServer {
  /**
   * Serves HTTP and WebSocket on a port, 0 for any free one; on loopback unless a host is given. Rejects with
   * `unavailable` when the port is taken or the server listens already, with `closed` after {@link close}.
   */
  listen(port: number, host?: string): Promise<{ readonly url: string; readonly port: number }>;
  /** Answers one request: to put the server behind a router of your own. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Takes over an `upgrade` event of a Node server of your own. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more connections, ends sockets with 1001, waits for requests under way, closes what it opened itself. Idempotent. */
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/**
 * A server of the protocol on its own database. Rejects with `invalid-option` for an option that is none or cannot work, with
 * `missing-dependency` when the database engine is not installed, `storage-failed` when the database cannot be opened,
 * `storage-newer` when a newer version wrote it.
 */
export async function createSyncServer(options: SyncServerOptions = {}): Promise<SyncServer> {
  checkServerOptions(options);
  const { clock = systemClock, random = Math.random, reportFailure = printFailure } = options;
  const now = (): number => clock.now();
  const newId = (): string => uuidv7(now(), random);
  const limits = withDefaults(options.limits);
  const hooks = createHooks({ clock, deadlineMs: limits.hookMs, reportFailure });
  const cors = createCors(options.origins);
  const access = createAccess(options, hooks);
  const fanOut = openFanOut(options.fanout);
  const store = await openStore(options, newId);
  const validate = createValidation(options.validate, hooks);
  const writer = createWriter({ store, fanOut, judge: { access, validate, now } });
  const feed = createFeedReader({ store, access, pageBytes: limits.pageBytes });
  const rateLimit = createRateLimit({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst, now });
  const answer = createApp({ store, writer, feed, access, limits, cors, rateLimit, now, reportFailure });
  const sockets = createSocketServer({ store, fanOut, access, limits, clock, newId, reportFailure, cors });
  const listener = createHttpListener({ answer, upgrade: sockets.upgrade, clock });
  const stopRetention = keepWithinRetention({ store, clock, limits, reportFailure });
  const close = async (): Promise<void> => {
    stopRetention();
    await Promise.all([sockets.close(), listener.close()]);
    if (store !== options.database) await store.close();
    if (fanOut !== options.fanout) await fanOut.close();
  };
  let closing: Promise<void> | null = null;
  return {
    async listen(port, host = loopback) {
      if (closing !== null) throw new SyncError('closed', 'The server is closed. Create another one.');
      return listener.listen(port, host);
    },
    fetch: answer,
    handleUpgrade: sockets.upgrade,
    close: () => (closing ??= close()),
  };
}

function printFailure(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
