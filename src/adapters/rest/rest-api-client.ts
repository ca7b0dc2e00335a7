import type { ApiClient } from '../../ports/api-client.ts';
import { createSystemClock } from '../browser/clock.ts';
import { createClockOffset } from '../http/clock-offset.ts';
import { createEndpoint } from '../protocol/endpoint.ts';
import { createTokenSource } from '../protocol/token-source.ts';
import { createRestChanges } from './changes.ts';
import { createRestEntityCalls } from './entity-calls.ts';
import { createRestExchange } from './exchange.ts';
import { createListReader } from './list-page.ts';
import type { RestApiClientOptions } from './options.ts';
import { createRestProbe } from './probe.ts';
import { createSeenVersions } from './seen-versions.ts';
import { readRestSettings } from './settings.ts';
import { createWriteWatch } from './write-watch.ts';

/** An {@link ApiClient} on a REST API. `changes` is there when a list is, `probe` when its path is. */
export interface RestApiClient extends ApiClient {
  capabilities: { readonly idempotent: boolean };
  clockOffsetMs: NonNullable<ApiClient['clockOffsetMs']>;
}

const rememberedRows = 20_000;

/**
 * Makes a REST API the backend, without code: options say where its entities, versions and lists are. Creating it touches nothing.
 *
 * - A write is acknowledged only by a 200, 201, 204 or 205 that is JSON or empty, never HTML, and, where it holds an entity, holds this one. What the
 *   answer does not tell of the entity or its version is read after it.
 * - `If-Match` carries the version that a write was made on. A 412 or 409 is looked into: another state is a `ConflictError` with it, the same state
 *   a `RejectedError`.
 * - Only with `idempotencyHeader` it says that it is idempotent. Without, the service asks what became of a write before it sends it again.
 * - Every failure is a `SyncError`; none holds the token nor the value of an own header (G16). Every call ends when its signal is aborted.
 *
 * Throws `SyncError` `invalid-option`, whose `path` names the option, or `invalid-collection`.
 *
 * @example
 * const apiClient = createRestApiClient({
 *   baseUrl: 'https://api.example.com/v2',
 *   token: () => session.token,
 *   list: {},
 *   collections: { people: { path: '/users/{id}', version: { pointer: '/rev' }, update: 'merge-patch' } },
 * });
 */
export function createRestApiClient(options: RestApiClientOptions): RestApiClient {
  const settings = readRestSettings(options);
  const endpoint = createEndpoint(options.baseUrl, 'baseUrl');
  const clock = options.clock ?? createSystemClock();
  const clockOffset = createClockOffset();
  const exchange = createRestExchange({
    endpoint,
    tokens: createTokenSource(settings.token),
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock,
    clockOffset,
    settings,
  });
  const seen = createSeenVersions(rememberedRows);
  const watch = createWriteWatch();
  const reader = createListReader({ exchange, base: () => endpoint.request(''), seen, watch });
  return {
    ...createRestEntityCalls({ exchange, settings, seen, watch }),
    ...(settings.hasLists ? { changes: createRestChanges(reader, settings) } : {}),
    ...(settings.probe === null ? {} : { probe: createRestProbe(exchange, settings.probe) }),
    capabilities: { idempotent: settings.idempotencyHeader !== null },
    clockOffsetMs: () => clockOffset.estimateMs(),
  };
}
