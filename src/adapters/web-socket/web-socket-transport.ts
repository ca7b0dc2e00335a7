import { anything, checkOptionsOf, clock, ofType, type Checks } from '../../core/option-checks.ts';
import type { Clock } from '../../ports/environment.ts';
import type { RealTimeTransport, WebSocketConstructor } from '../../ports/real-time.ts';
import type { TokenProvider } from '../../ports/token.ts';
import { createSystemClock } from '../browser/clock.ts';
import { createEndpoint } from '../protocol/endpoint.ts';
import { createTokenSource } from '../protocol/token-source.ts';
import { createSocketTransport } from './socket-transport.ts';

/** Where the backend is, and what to reach it with. */
export interface WebSocketTransportOptions {
  /** Base address of the backend (http, https, ws or wss); `/v1/socket` is appended where it is missing. */
  url: string;
  /** Travels in the first frame only. Called again after the backend refused what it gave. */
  token?: TokenProvider;
  /** Default: the platform's, or `ws` in Node. */
  WebSocket?: WebSocketConstructor;
  /** Default: the system's. */
  clock?: Clock;
}

const callable = ofType('function');
const checks: Checks<WebSocketTransportOptions> = { url: anything, token: callable, WebSocket: callable, clock };

/**
 * The reference protocol's real-time connection, `sync.v1`. Creating it touches nothing.
 *
 * - Subscribing connects, unsubscribing closes; it never reconnects by itself.
 * - `open` comes once, at the welcome. What may have been missed comes as `poke`, before the frame that showed it: until a
 *   catch-up has been there, no cursor of a change may move the place in the feed on.
 * - A dead connection is an error within two heartbeats (G14).
 * - Errors are `SyncError`s and hold no token.
 *
 * Throws `SyncError` `invalid-option` for an unusable `url`, and for an option that is none or of another kind.
 */
export function createWebSocketTransport(options: WebSocketTransportOptions): RealTimeTransport {
  checkOptionsOf('createWebSocketTransport', options, checks);
  return createSocketTransport({
    endpoint: createEndpoint(options.url),
    tokens: createTokenSource(options.token),
    clock: options.clock ?? createSystemClock(),
    WebSocket: options.WebSocket,
  });
}
