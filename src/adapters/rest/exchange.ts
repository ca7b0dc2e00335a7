import { BadResponseError, CaptivePortalError, MisconfiguredError, UnavailableError } from '../../core/errors.ts';
import { callBackend, type Call, type CallParts, type Called } from '../http/call.ts';
import type { ClockOffset } from '../http/clock-offset.ts';
import { readText } from '../http/read-text.ts';
import { dateOf, discard, isHtml, isJson } from '../http/response.ts';
import { untilAborted } from '../protocol/abort.ts';
import { secretsOf } from './answer-detail.ts';
import { isEntityTag } from './match-headers.ts';
import { readRefusal, type Reading } from './refusal.ts';
import type { RestSettings } from './settings.ts';

/** A success of the backend. */
export interface RestAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when there was no body. */
  readonly body: unknown;
  /** The entity tag as it was written, with its quotes; null when there is none. */
  readonly etag: string | null;
  header(name: string): string | null;
}

/** Requests to the API, and their answers. */
export interface RestExchange {
  /**
   * One request, one answer. Resolves only with a 200, 201, 204 or 205 that is JSON or empty, is no HTML, and bears the sign of the backend where
   * one is known (G12). Everything else rejects with the `SyncError` it means; 409 and 412 are `RejectedError`s with that status. A refusal counts
   * as the backend's by the same measure: text without the sign is `bad-response`, since any gateway says `404 page not found`.
   */
  send(call: Call, holder: string, signal: AbortSignal): Promise<RestAnswer>;
  /** Now, by the backend's clock as far as it is known, in milliseconds since 1970. */
  now(): number;
}

/** What requests are made with. */
export interface RestExchangeParts extends CallParts {
  readonly clockOffset: ClockOffset;
  readonly settings: Pick<RestSettings, 'headers' | 'sign' | 'maxAnswerBytes'>;
}

/** Under these names the call has its own: two that differ by their case would be sent as one list. */
const standardNames: Readonly<Record<string, string>> = { accept: 'Accept', authorization: 'Authorization' };

/** Exchanges over one `fetch`; concurrent ones share the token, nothing else. */
export function createRestExchange(parts: RestExchangeParts): RestExchange {
  const { clock, clockOffset, settings } = parts;
  const now = () => clock.now() + (clockOffset.estimateMs() ?? 0);

  return {
    now,
    async send(call, holder, signal) {
      const own = call.isAnonymous === true ? {} : await ownHeaders(settings, signal);
      const bound = { ...call, headers: { ...own, ...call.headers }, isBound: Object.keys(own).length > 0 };
      const called = await callBackend(parts, bound, holder, signal);
      const reading = readingOf(called, own, settings, signal);
      if (reading.isFromBackend) clockOffset.note(called.sentAtMs, clock.now(), dateOf(called.response));
      if (called.response.ok) return readSuccess(reading, settings.maxAnswerBytes);
      throw await readRefusal(reading, settings.maxAnswerBytes, now());
    },
  };
}

function readingOf(
  { response, token }: Called,
  own: Readonly<Record<string, string>>,
  { sign }: RestExchangeParts['settings'],
  signal: AbortSignal,
): Reading {
  const told = sign === null ? null : response.headers.get(sign.header);
  const isFromBackend =
    sign === null ? !isHtml(response) : told !== null && (sign.value === undefined || told === sign.value);
  const isSigned = sign !== null && isFromBackend;
  return { response, attempt: { token, signal }, secrets: secretsOf(token, own), isFromBackend, isSigned };
}

async function ownHeaders(
  { headers }: RestExchangeParts['settings'],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  let given: Record<string, string>;
  try {
    given = await untilAborted((async () => headers())(), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    // What it threw is left out: it may quote a secret.
    throw new UnavailableError({
      message: 'The function of the option `headers` failed. It is called again with the next attempt.',
    });
  }
  try {
    return Object.fromEntries([...new Headers(given)].map(([name, value]) => [standardNames[name] ?? name, value]));
  } catch {
    throw new MisconfiguredError({ message: 'The option `headers` gave names or values that HTTP cannot carry.' });
  }
}

async function readSuccess(reading: Reading, maxBytes: number): Promise<RestAnswer> {
  const { response, attempt, isFromBackend } = reading;
  const { status } = response;
  if (!isFromBackend || isHtml(response)) {
    discard(response);
    if (isHtml(response)) throw new CaptivePortalError({ status });
    throw new BadResponseError('The answer does not bear the sign of the backend.', { status });
  }
  if (![200, 201, 204, 205].includes(status)) {
    discard(response);
    throw new BadResponseError('The answer does not say that it was done.', { status });
  }
  const text = await readText(response, maxBytes, attempt);
  if (text !== '' && !isJson(response)) throw new BadResponseError('The answer is no JSON.', { status });
  const header = (name: string): string | null => response.headers.get(name);
  return { status, body: text === '' ? undefined : parse(text, status), etag: etagOf(header('etag')), header };
}

function etagOf(header: string | null): string | null {
  return header !== null && isEntityTag(header) ? header : null;
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadResponseError('The answer is broken JSON.', { status });
  }
}
