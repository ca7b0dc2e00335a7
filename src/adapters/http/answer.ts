import {
  BadResponseError,
  CaptivePortalError,
  MisconfiguredError,
  UnauthorizedError,
  type SyncError,
} from '../../core/errors.ts';
import { readProblem, type Problem } from '../protocol/problem.ts';
import { readText } from './read-text.ts';
import { errorOf } from './refusal.ts';
import { discard, epochOf, etagOf, isFromBackend, isHtml, isJson, isOtherProtocol, isRedirect } from './response.ts';
import { parseRetryAfter } from './retry-after.ts';

/** More than a batch of the largest entities is answered with (G15). */
const mostBytes = 256 * 1024 * 1024;

/** One request as it went out. */
export interface Attempt {
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** The entity that was asked about; null when it was not one. */
  readonly entityId: string | null;
}

/** A success of the backend itself. */
export interface Answer {
  /** Without its quotes. */
  readonly etag: string | null;
  /** The life of the server's data that it is of. */
  readonly epoch: string | null;
  /** Parsed JSON; undefined for 204. */
  readonly body: unknown;
  /** Reads a problem inside the body, without the token that was sent. */
  readProblem(value: unknown): Problem;
}

/** The answer in a 2xx. Throws unless it is the backend's own. */
export async function readAnswer(response: Response, attempt: Attempt): Promise<Answer> {
  const { status } = response;
  if (isOtherProtocol(response) || isHtml(response) || !isFromBackend(response)) {
    discard(response);
    if (isOtherProtocol(response)) throw otherProtocol(status);
    if (isHtml(response)) throw new CaptivePortalError({ status });
    throw new BadResponseError('The answer does not bear the sign of the backend.', { status });
  }
  const answer = {
    etag: etagOf(response),
    epoch: epochOf(response),
    readProblem: (value: unknown) => readProblem(value, attempt.token),
  };
  if (status === 204) return { ...answer, body: undefined };
  if ((status !== 200 && status !== 201) || !isJson(response)) {
    discard(response);
    throw new BadResponseError('The answer is no JSON.', { status });
  }
  return { ...answer, body: await readJson(response, attempt) };
}

/** The error that any other answer means. */
export async function readRefusal(response: Response, attempt: Attempt, serverNowMs: number): Promise<SyncError> {
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
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), serverNowMs),
    entityId: attempt.entityId,
    epoch: epochOf(response),
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
  const text = await readText(response, mostBytes, attempt);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadResponseError('The answer is broken JSON.', { status: response.status });
  }
}
