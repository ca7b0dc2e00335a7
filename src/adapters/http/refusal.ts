import {
  BadResponseError,
  CaptivePortalError,
  ConflictError,
  CursorExpiredError,
  EpochChangedError,
  ForbiddenError,
  MisconfiguredError,
  NotFoundError,
  RateLimitedError,
  RejectedError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  type SyncError,
} from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { Problem } from '../protocol/problem.ts';
import { readWireRecord } from '../protocol/wire-record.ts';

/** An answer that is no success: of a request, or of one member of a batch. */
export interface Refusal {
  readonly status: number;
  readonly problem: Problem;
  /** Whether it bears the sign of the backend; without, somebody in between may have answered. */
  readonly isFromBackend: boolean;
  readonly isHtml: boolean;
  /** Whether the backend has ever answered at this address. */
  readonly hasHeardBackend: boolean;
  readonly retryAfterMs: number | undefined;
  /** The entity that was asked about; null when it was not one. */
  readonly entityId: string | null;
}

/** The error that a refusal means. Only the backend's own word refuses an operation. */
export function errorOf(refusal: Refusal): SyncError {
  return errorOfAnyone(refusal) ?? (refusal.isFromBackend ? errorOfBackend(refusal) : errorOfStranger(refusal));
}

interface Told {
  status: number;
  detail?: Json;
}

function toldBy({ status, problem }: Refusal): Told {
  return Object.keys(problem.detail).length === 0 ? { status } : { status, detail: problem.detail };
}

/** What means the same whoever says it: a gateway in front of the backend may. */
function errorOfAnyone(refusal: Refusal): SyncError | null {
  const { status, retryAfterMs } = refusal;
  switch (status) {
    case 401:
      return new UnauthorizedError(toldBy(refusal));
    case 511:
      return new CaptivePortalError(toldBy(refusal));
    case 405:
    case 406:
    case 415:
    case 426:
      return new MisconfiguredError(toldBy(refusal));
    case 408:
    case 421:
    case 425:
      return new UnavailableError({ ...toldBy(refusal), retryAfterMs });
    case 413:
      return new TooLargeError(toldBy(refusal));
    case 429:
      return new RateLimitedError({ ...toldBy(refusal), retryAfterMs });
    default:
      return status >= 500 && status <= 599 ? new UnavailableError({ ...toldBy(refusal), retryAfterMs }) : null;
  }
}

function errorOfStranger(refusal: Refusal): SyncError {
  const { status, isHtml, hasHeardBackend } = refusal;
  // A gateway answers 404 while a backend is being replaced: only at an address that never had one is it a mistake.
  if (status === 404 && !hasHeardBackend) {
    return new MisconfiguredError({ status, message: 'No sync backend is at this address. Check the option `url`.' });
  }
  if (isHtml && status !== 404) return new CaptivePortalError({ status });
  return new BadResponseError('The answer does not bear the sign of the backend.', toldBy(refusal));
}

function errorOfBackend(refusal: Refusal): SyncError {
  const { status, problem, retryAfterMs } = refusal;
  const told = toldBy(refusal);
  if (status === 403) return new ForbiddenError(told);
  if (status === 410 && problem.code === 'cursor-expired') return new CursorExpiredError(told);
  if (status === 404 || status === 410) return notFound(refusal);
  if (status === 409 && problem.code === 'epoch-changed') {
    return new EpochChangedError({ ...told, ...(problem.epoch === null ? {} : { epoch: problem.epoch }) });
  }
  if ((status === 409 && problem.code === 'in-flight') || (status === 424 && problem.code === 'not-attempted')) {
    return new UnavailableError({ ...told, retryAfterMs, message: 'The backend has not come to this request yet.' });
  }
  if (status === 412 || (status === 409 && problem.current !== undefined)) return conflictOf(refusal);
  return status >= 400 && status <= 499 ? new RejectedError(told) : new BadResponseError(undefined, told);
}

function conflictOf(refusal: Refusal): SyncError {
  const current = currentOf(refusal);
  if (current !== null) return new ConflictError({ ...toldBy(refusal), current });
  return new BadResponseError('The backend reports a conflict without a valid record.', toldBy(refusal));
}

function notFound(refusal: Refusal): SyncError {
  const current = currentOf(refusal);
  return new NotFoundError({ ...toldBy(refusal), ...(current?.entity === null ? { current } : {}) });
}

function currentOf({ problem, entityId }: Refusal): ServerRecord | null {
  if (problem.current === undefined || entityId === null) return null;
  try {
    return readWireRecord(problem.current, entityId);
  } catch {
    return null;
  }
}
