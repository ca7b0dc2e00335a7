import type { Json } from './json.ts';
import type { ServerRecord } from './record.ts';

/**
 * Every code a {@link SyncError} can have. Closed: an exhaustive `switch` over it compiles.
 *
 * Retryable (the library tries again by itself): `unauthorized`, `rate-limited`, `unavailable`, `timeout`, `bad-response`,
 * `captive-portal`, `cursor-expired`, `epoch-changed`, `storage-failed`.
 */
export type SyncErrorCode =
  | 'invalid-entity'
  | 'invalid-id'
  | 'invalid-collection'
  | 'invalid-patch'
  | 'invalid-option'
  | 'unknown-entity'
  | 'unknown-operation'
  | 'parked'
  | 'conflict'
  | 'conflict-open'
  | 'excluded-lost'
  | 'rejected'
  | 'forbidden'
  | 'unauthorized'
  | 'needs-auth'
  | 'not-found'
  | 'too-large'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'bad-response'
  | 'captive-portal'
  | 'misconfigured'
  | 'storage-failed'
  | 'storage-lost'
  | 'storage-newer'
  | 'storage-locked'
  | 'record-damaged'
  | 'cursor-expired'
  | 'epoch-changed'
  | 'discarded'
  | 'unsupported'
  | 'missing-dependency'
  | 'closed'
  | 'aborted';

const retryableCodes: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  'unauthorized',
  'rate-limited',
  'unavailable',
  'timeout',
  'bad-response',
  'captive-portal',
  'cursor-expired',
  'epoch-changed',
  'storage-failed',
]);

/** An error as data: what is stored, shown and put into {@link ISyncOperation.error}. Never holds a token or an excluded field. */
export interface SyncErrorInfo {
  code: SyncErrorCode;
  message: string;
  status?: number;
  detail?: Json;
}

/** What an error is about, where it is known. */
export interface SyncErrorOptions {
  operationId?: string | undefined;
  collection?: string | undefined;
  entityId?: string | undefined;
  /** JSON Pointer (RFC 6901) to the offending place. */
  path?: string | undefined;
  /** HTTP status, where there is one. */
  status?: number | undefined;
  detail?: Json | undefined;
  cause?: unknown;
}

/** The one error type of the library: says what went wrong, where, and what to do. */
export class SyncError extends Error {
  /** The name of the class, also where the code is minified. */
  override name = 'SyncError';
  readonly code: SyncErrorCode;
  /** Whether the library tries again by itself. Follows from `code`. */
  readonly retryable: boolean;
  declare readonly operationId?: string;
  declare readonly collection?: string;
  declare readonly entityId?: string;
  declare readonly path?: string;
  declare readonly status?: number;
  declare readonly detail?: Json;

  constructor(code: SyncErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    const { operationId, collection, entityId, path, status, detail } = options;
    Object.assign(this, { operationId, collection, entityId, path, status, detail });
  }
}

/** The error as plain data. */
export function toErrorInfo(error: SyncError): SyncErrorInfo {
  const info: SyncErrorInfo = { code: error.code, message: error.message };
  if (error.status !== undefined) info.status = error.status;
  if (error.detail !== undefined) info.detail = error.detail;
  return info;
}

interface AnswerOptions {
  message?: string;
  status?: number;
  detail?: Json;
  cause?: unknown;
}

/** `message` and `status`: those of the class, unless the options tell others. */
function told(options: AnswerOptions, message: string, status?: number): [string, AnswerOptions] {
  return [options.message ?? message, status === undefined ? options : { status, ...options }];
}

/** The backend holds another state than the one the request was built on (412, or 409 on create). */
export class ConflictError extends SyncError {
  override name = 'ConflictError';
  /** The state the backend holds now. Authoritative. */
  readonly current: ServerRecord;
  constructor(options: AnswerOptions & { current: ServerRecord }) {
    super('conflict', ...told(options, 'The backend holds another version of the entity.'));
    this.current = options.current;
  }
}

/** The backend refuses this operation for what it says (400, 409, 422): it is parked for the app to decide. */
export class RejectedError extends SyncError {
  override name = 'RejectedError';
  constructor(options: AnswerOptions = {}) {
    super('rejected', ...told(options, 'The backend refused the operation. Edit, retry or discard it.'));
  }
}

/** 401: everything pauses, the token is asked for again once, then the state is `needs-auth`. */
export class UnauthorizedError extends SyncError {
  override name = 'UnauthorizedError';
  constructor(options: AnswerOptions = {}) {
    super(
      'unauthorized',
      ...told(options, 'The backend does not accept the token. Sign in again and call authRenewed().', 401),
    );
  }
}

/** 403: this operation is not allowed; it is parked. */
export class ForbiddenError extends SyncError {
  override name = 'ForbiddenError';
  constructor(options: AnswerOptions = {}) {
    super(
      'forbidden',
      ...told(options, 'The user may not do this. Retry with other rights, or discard the operation.', 403),
    );
  }
}

/** 404 or 410: on update a delete/edit conflict, on delete already done. */
export class NotFoundError extends SyncError {
  override name = 'NotFoundError';
  /** The tombstone, when the backend tells it. */
  readonly current?: ServerRecord;
  constructor(options: AnswerOptions & { current?: ServerRecord } = {}) {
    super('not-found', ...told(options, 'The backend does not have the entity.', 404));
    if (options.current !== undefined) this.current = options.current;
  }
}

/** 413: a batch is halved, a single request is parked. */
export class TooLargeError extends SyncError {
  override name = 'TooLargeError';
  constructor(options: AnswerOptions = {}) {
    super('too-large', ...told(options, 'The request is larger than the backend accepts.', 413));
  }
}

/** 415, 406 and the like: no operation can be sent until the configuration is mended; nothing is parked. */
export class MisconfiguredError extends SyncError {
  override name = 'MisconfiguredError';
  constructor(options: AnswerOptions = {}) {
    super('misconfigured', ...told(options, 'Client and backend do not speak the same protocol.'));
  }
}

interface RetryOptions extends AnswerOptions {
  /** The backend's wish, in milliseconds: the floor under the jittered delay. */
  retryAfterMs?: number | undefined;
}

/** 429. */
export class RateLimitedError extends SyncError {
  override name = 'RateLimitedError';
  readonly retryAfterMs?: number;
  constructor(options: RetryOptions = {}) {
    super('rate-limited', ...told(options, 'The backend asks for fewer requests.', 429));
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** 5xx or no connection: the outcome is unknown and the same request is sent again. */
export class UnavailableError extends SyncError {
  override name = 'UnavailableError';
  readonly retryAfterMs?: number;
  /** False: something in front of the backend gave this status, so that it is no answer (S26). Where it is not told, a status is one. */
  readonly isFromBackend?: boolean;
  constructor(options: RetryOptions & { isFromBackend?: boolean | undefined } = {}) {
    super('unavailable', ...told(options, 'The backend cannot be reached.'));
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.isFromBackend !== undefined) this.isFromBackend = options.isFromBackend;
  }
}

/** An answer that is not the backend's protocol: never an acknowledgement. */
export class BadResponseError extends SyncError {
  override name = 'BadResponseError';
  constructor(message?: string, options: Omit<AnswerOptions, 'message'> = {}) {
    super('bad-response', message ?? 'The answer is not one of this backend.', options);
  }
}

/** A login page of a network in between answered instead of the backend. */
export class CaptivePortalError extends SyncError {
  override name = 'CaptivePortalError';
  constructor(options: AnswerOptions = {}) {
    super(
      'captive-portal',
      ...told(options, 'A network in between answers instead of the backend: sign in to the network.'),
    );
  }
}

/** The cursor is too old for the feed: a snapshot is taken instead. */
export class CursorExpiredError extends SyncError {
  override name = 'CursorExpiredError';
  constructor(options: AnswerOptions = {}) {
    super('cursor-expired', ...told(options, 'The change feed no longer reaches back to this cursor.', 410));
  }
}

/** The server's data has begun a new life. */
export class EpochChangedError extends SyncError {
  override name = 'EpochChangedError';
  readonly epoch?: string;
  constructor(options: AnswerOptions & { epoch?: string } = {}) {
    super('epoch-changed', ...told(options, "The server's data was reset.", 409));
    if (options.epoch !== undefined) this.epoch = options.epoch;
  }
}
