import { anything, checkOptionsOf, clock as aClock, ofType, type Checks } from '../../core/option-checks.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/environment.ts';
import type { WebSocketConstructor } from '../../ports/real-time.ts';
import type { TokenProvider } from '../../ports/token.ts';
import { createSystemClock } from '../browser/clock.ts';
import { createEndpoint } from '../protocol/endpoint.ts';
import { createTokenSource } from '../protocol/token-source.ts';
import { createSocketTransport } from '../web-socket/socket-transport.ts';
import { createBatch } from './batch.ts';
import type { FetchFunction } from './call.ts';
import { createChanges } from './changes.ts';
import { createClockOffset } from './clock-offset.ts';
import { createEntityCalls } from './entity-calls.ts';
import { createExchange } from './exchange.ts';
import { createProbe } from './probe.ts';

/** Where the backend is, and what to reach it with. */
export interface HttpApiClientOptions {
  /** Base address of the backend, such as `https://api.example.com`. `/v1/…` is appended. */
  url: string;
  /** Sent as a bearer token, and in the first frame of the real-time connection. Never part of an address. */
  token?: TokenProvider;
  /** Default: the global `fetch`, looked up with each call. */
  fetch?: FetchFunction;
  /** Default: the platform's, or `ws` in Node. */
  WebSocket?: WebSocketConstructor;
  /** Default: the system's. */
  clock?: Clock;
}

/** An {@link ApiClient} with every capability. */
export interface HttpApiClient extends ApiClient {
  batch: NonNullable<ApiClient['batch']>;
  changes: NonNullable<ApiClient['changes']>;
  probe: NonNullable<ApiClient['probe']>;
  realTime: NonNullable<ApiClient['realTime']>;
  capabilities: { readonly idempotent: true; readonly orderedVersions: true };
  clockOffsetMs: NonNullable<ApiClient['clockOffsetMs']>;
}

const callable = ofType('function');
const checks: Checks<HttpApiClientOptions> = {
  url: anything,
  token: callable,
  fetch: callable,
  WebSocket: callable,
  clock: aClock,
};

/**
 * A client of the reference protocol, real time included. Creating it touches nothing.
 *
 * - Only a 2xx that bears the sign of the backend and holds a valid record acknowledges anything (G12).
 * - Every failure is a `SyncError`; none, nor its cause, holds a token (G16).
 * - The token is kept in memory until it is refused; concurrent requests share one call of the provider.
 * - Every call ends when its signal is aborted, with `timeout` or `aborted`.
 *
 * Throws `SyncError` `invalid-option` for an unusable `url`, and for an option that is none or of another kind.
 *
 * @example
 * const sync = createSyncService(createHttpApiClient({ url: 'https://api.example.com', token: () => session.token }));
 */
export function createHttpApiClient(options: HttpApiClientOptions): HttpApiClient {
  checkOptionsOf('createHttpApiClient', options, checks);
  const endpoint = createEndpoint(options.url);
  const tokens = createTokenSource(options.token);
  const clock = options.clock ?? createSystemClock();
  const clockOffset = createClockOffset();
  const fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const exchange = createExchange({ endpoint, tokens, fetch, clock, clockOffset });
  return {
    ...createEntityCalls(exchange),
    batch: createBatch(exchange),
    changes: createChanges(exchange),
    probe: createProbe(exchange),
    realTime: createSocketTransport({ endpoint, tokens, clock, WebSocket: options.WebSocket }),
    capabilities: { idempotent: true, orderedVersions: true },
    clockOffsetMs: () => clockOffset.estimateMs(),
  };
}
