import {
  BadResponseError,
  CaptivePortalError,
  MisconfiguredError,
  UnauthorizedError,
  UnavailableError,
  type SyncError,
} from '../../core/errors.ts';
import type { Clock } from '../../ports/environment.ts';
import { abortError, untilAborted } from '../protocol/abort.ts';
import type { Endpoint } from '../protocol/endpoint.ts';
import { readProblem, type Problem } from '../protocol/problem.ts';
import { redact } from '../protocol/redact.ts';
import type { TokenSource } from '../protocol/token-source.ts';
import type { ClockOffset } from './clock-offset.ts';
import { errorOf } from './refusal.ts';
import { dateOf, discard, etagOf, isFromBackend, isHtml, isJson, isOtherProtocol, isRedirect } from './response.ts';
import { parseRetryAfter } from './retry-after.ts';

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

/** A success of the backend itself. */
export interface Answer {
  /** Without its quotes. */
  readonly etag: string | null;
  /** Parsed JSON; undefined for 204. */
  readonly body: unknown;
  /** Reads a problem inside the body, without the token that was sent. */
  readProblem(value: unknown): Problem;
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

/** One attempt as it goes out. */
interface Attempt {
  readonly request: ExchangeRequest;
  readonly token: string | null;
  readonly signal: AbortSignal;
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { clock, clockOffset, tokens } = parts;
  let hasHeardBackend = false;

  return {
    async send(request, holder, signal) {
      if (signal.aborted) throw abortError(signal);
      const token = request.isAnonymous === true ? null : await tokens.get(holder, signal);
      const attempt = { request, token, signal };
      const sentAtMs = clock.now();
      const response = await fetchResponse(parts, attempt);
      if (isFromBackend(response)) {
        hasHeardBackend = true;
        clockOffset.note(sentAtMs, clock.now(), dateOf(response));
      }
      if (response.status === 401) tokens.refuse(token);
      if (response.ok) return readAnswer(response, attempt);
      const serverNowMs = clock.now() + (clockOffset.estimateMs() ?? 0);
      throw await readRefusal(response, attempt, serverNowMs, hasHeardBackend);
    },
  };
}

function fetchResponse({ endpoint, fetch }: ExchangeParts, attempt: Attempt): Promise<Response> {
  const { request, token, signal } = attempt;
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

/** Runs something of the network: what it throws becomes `unavailable`, without its cause, which may quote the token. */
async function guarded<T>(run: () => Promise<T>, { token, signal }: Attempt): Promise<T> {
  try {
    return await untilAborted(run(), signal);
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw new UnavailableError({ detail: { reason: redact(reasonOf(error), token) } });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error';
  const cause: unknown = error.cause;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `${error.name}: ${error.message}${code}`;
}

async function readAnswer(response: Response, attempt: Attempt): Promise<Answer> {
  const { status } = response;
  if (isOtherProtocol(response) || isHtml(response) || !isFromBackend(response)) {
    discard(response);
    if (isOtherProtocol(response)) throw otherProtocol(status);
    if (isHtml(response)) throw new CaptivePortalError({ status });
    throw new BadResponseError('The answer does not bear the sign of the backend.', { status });
  }
  const answer = { etag: etagOf(response), readProblem: (value: unknown) => readProblem(value, attempt.token) };
  if (status === 204) return { ...answer, body: undefined };
  if ((status !== 200 && status !== 201) || !isJson(response)) {
    discard(response);
    throw new BadResponseError('The answer is no JSON.', { status });
  }
  return { ...answer, body: await readJson(response, attempt) };
}

async function readRefusal(
  response: Response,
  attempt: Attempt,
  serverNowMs: number,
  hasHeardBackend: boolean,
): Promise<SyncError> {
  const { status } = response;
  if (isRedirect(response)) {
    discard(response);
    return new UnauthorizedError({
      message:
        'The backend redirects the request, most likely to a login page. Sign in again, or correct the option `url`.',
      ...(status === 0 ? {} : { status }),
    });
  }
  const body = await readProblemBody(response, attempt);
  if (isOtherProtocol(response) && status !== 401 && status < 500) return otherProtocol(status);
  return errorOf({
    status,
    problem: readProblem(body, attempt.token),
    isFromBackend: isFromBackend(response),
    isHtml: isHtml(response),
    hasHeardBackend,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), serverNowMs),
    entityId: attempt.request.entityId ?? null,
  });
}

function otherProtocol(status: number): SyncError {
  return new MisconfiguredError({
    status,
    message: 'The backend speaks another version of the protocol. Update client or server.',
  });
}

async function readProblemBody(response: Response, attempt: Attempt): Promise<unknown> {
  if (!isJson(response)) {
    discard(response);
    return undefined;
  }
  try {
    return await readJson(response, attempt);
  } catch (error) {
    if (attempt.signal.aborted) throw error;
    return undefined;
  }
}

async function readJson(response: Response, attempt: Attempt): Promise<unknown> {
  const text = await guarded(async () => response.text(), attempt);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadResponseError('The answer is broken JSON.', { status: response.status });
  }
}
