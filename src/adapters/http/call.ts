import type { Clock } from '../../ports/environment.ts';
import { abortError } from '../protocol/abort.ts';
import type { Endpoint } from '../protocol/endpoint.ts';
import type { TokenSource } from '../protocol/token-source.ts';
import { guarded } from './guarded.ts';

/** What a call needs of the Fetch API: any `fetch` fits. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** One request, apart from the token and the address of the backend. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sends no token: for questions that anyone may ask. */
  readonly isAnonymous?: boolean;
  /** Carries secrets that `fetch` would take along to another origin: no redirect is followed, also of a GET. */
  readonly isBound?: boolean;
}

/** What calls are made with. */
export interface CallParts {
  readonly endpoint: Endpoint;
  readonly tokens: TokenSource;
  readonly fetch: FetchFunction;
  readonly clock: Pick<Clock, 'now'>;
}

/** What came back, whatever it is, and what went out for it. */
export interface Called {
  readonly response: Response;
  readonly token: string | null;
  readonly sentAtMs: number;
}

/**
 * One request with the token, one answer that nobody has looked at yet, but that a 401 makes the token be asked for anew. Rejects with
 * `unavailable` when there was no answer, `timeout` or `aborted`. Honours the signal whatever `fetch` does.
 */
export async function callBackend(
  { endpoint, tokens, fetch, clock }: CallParts,
  call: Call,
  holder: string,
  signal: AbortSignal,
): Promise<Called> {
  if (signal.aborted) throw abortError(signal);
  const token = call.isAnonymous === true ? null : await tokens.get(holder, signal);
  const url = endpoint.request(call.path);
  const init: RequestInit = {
    method: call.method,
    headers: {
      Accept: 'application/json, application/problem+json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...call.headers,
    },
    // A followed redirect would turn a write into a GET of a login page.
    redirect: call.method === 'GET' && call.isBound !== true ? 'follow' : 'manual',
    cache: 'no-store',
    signal,
    ...(call.body === undefined ? {} : { body: call.body }),
  };
  const sentAtMs = clock.now();
  const response = await guarded(async () => fetch(url, init), { token, signal });
  if (response.status === 401) tokens.refuse(token);
  return { response, token, sentAtMs };
}
