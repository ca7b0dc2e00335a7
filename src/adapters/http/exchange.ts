import type { Clock } from '../../ports/environment.ts';
import { abortError } from '../protocol/abort.ts';
import type { Endpoint } from '../protocol/endpoint.ts';
import type { TokenSource } from '../protocol/token-source.ts';
import { readAnswer, readRefusal, type Answer, type Attempt } from './answer.ts';
import type { ClockOffset } from './clock-offset.ts';
import { guarded } from './guarded.ts';
import { dateOf, isFromBackend } from './response.ts';

/** What the exchange needs of the Fetch API: any `fetch` fits. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

export interface ExchangeRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The entity that is asked about. */
  readonly entityId?: string;
  /** Sends no token: for questions that anyone may ask. */
  readonly isAnonymous?: boolean;
}

export interface Exchange {
  /**
   * One request, one answer. Resolves only with a 2xx that bears the sign of the backend (`Sync-Protocol: 1`) and, but for
   * 204, JSON (G12). Everything else rejects with the `SyncError` it means. Honours the signal whatever `fetch` does.
   */
  send(request: ExchangeRequest, holder: string, signal: AbortSignal): Promise<Answer>;
}

export interface ExchangeParts {
  readonly endpoint: Endpoint;
  readonly tokens: TokenSource;
  readonly fetch: FetchFunction;
  readonly clock: Pick<Clock, 'now'>;
  readonly clockOffset: ClockOffset;
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { clock, clockOffset, tokens } = parts;
  let hasHeardBackend = false;

  return {
    async send(request, holder, signal) {
      if (signal.aborted) throw abortError(signal);
      const token = request.isAnonymous === true ? null : await tokens.get(holder, signal);
      const attempt = { token, signal, entityId: request.entityId ?? null };
      const sentAtMs = clock.now();
      const response = await fetchResponse(parts, request, attempt);
      if (isFromBackend(response)) {
        hasHeardBackend = true;
        clockOffset.note(sentAtMs, clock.now(), dateOf(response));
      }
      if (response.status === 401) tokens.refuse(token);
      if (response.ok) return readAnswer(response, attempt);
      const serverNowMs = clock.now() + (clockOffset.estimateMs() ?? 0);
      throw await readRefusal(response, attempt, { serverNowMs, hasHeardBackend });
    },
  };
}

function fetchResponse(
  { endpoint, fetch }: ExchangeParts,
  request: ExchangeRequest,
  attempt: Attempt,
): Promise<Response> {
  const { token, signal } = attempt;
  const url = endpoint.request(request.path);
  const init: RequestInit = {
    method: request.method,
    headers: {
      Accept: 'application/json, application/problem+json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...request.headers,
    },
    // A followed redirect would turn a write into a GET of a login page.
    redirect: request.method === 'GET' ? 'follow' : 'manual',
    cache: 'no-store',
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  };
  return guarded(async () => fetch(url, init), attempt);
}
