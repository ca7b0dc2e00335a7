import {
  BadResponseError,
  CaptivePortalError,
  ForbiddenError,
  NotFoundError,
  RejectedError,
  UnauthorizedError,
  type SyncError,
} from '../../core/errors.ts';
import { errorOfAnyone, type Told } from '../http/gateway-error.ts';
import { readText } from '../http/read-text.ts';
import { discard, isHtml, isJson, isRedirect } from '../http/response.ts';
import { parseRetryAfter } from '../http/retry-after.ts';
import { detailOf } from './answer-detail.ts';

/** An answer that nobody has read yet, and what went out for it. */
export interface Reading {
  readonly response: Response;
  readonly attempt: { readonly token: string | null; readonly signal: AbortSignal };
  /** Kept out of errors. */
  readonly secrets: readonly string[];
  /** Bears the sign that is known; where none is, is no HTML. */
  readonly isFromBackend: boolean;
  readonly isSigned: boolean;
}

/**
 * The error that an answer means which is no success. 409 and 412 are `RejectedError`s with that status. Without a sign only JSON, or nothing at all, is
 * the backend's refusal. Throws when the call was aborted.
 */
export async function readRefusal(reading: Reading, maxBytes: number, serverNowMs: number): Promise<SyncError> {
  const { response } = reading;
  const { status } = response;
  if (isRedirect(response)) {
    discard(response);
    return new UnauthorizedError({
      message:
        'The backend redirects the request, most likely to a login page. Sign in again, or correct the option `baseUrl`.',
      ...(status === 0 ? {} : { status }),
    });
  }
  const text = await readRefusalText(reading, maxBytes);
  const detail = detailOf(isJson(response) ? parsed(text) : undefined, reading.secrets);
  const told: Told = detail === null ? { status } : { status, detail };
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), serverNowMs);
  const isFromBackend = reading.isSigned || (reading.isFromBackend && (isJson(response) || text === ''));
  return (
    errorOfAnyone(told, { retryAfterMs, isFromBackend }) ??
    (isFromBackend ? errorOfBackend(told) : errorOfStranger(told, isHtml(response)))
  );
}

/** Null: it cannot be read, or is a page. */
async function readRefusalText({ response, attempt }: Reading, maxBytes: number): Promise<string | null> {
  if (isHtml(response)) {
    discard(response);
    return null;
  }
  try {
    return await readText(response, maxBytes, attempt);
  } catch (error) {
    if (attempt.signal.aborted) throw error;
    return null;
  }
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function errorOfBackend(told: Told): SyncError {
  const { status } = told;
  if (status === 403) return new ForbiddenError(told);
  if (status === 404 || status === 410) return new NotFoundError(told);
  return status >= 400 && status <= 499 ? new RejectedError(told) : new BadResponseError(undefined, told);
}

function errorOfStranger(told: Told, html: boolean): SyncError {
  if (html && told.status !== 404) return new CaptivePortalError(told);
  return new BadResponseError(
    'The refusal may be that of a gateway: it is no JSON, or lacks the sign. Check `baseUrl`; if it is that of the API, name a header of it by `sign`.',
    told,
  );
}
