import {
  BadResponseError,
  CaptivePortalError,
  ConflictError,
  CursorExpiredError,
  EpochChangedError,
  ForbiddenError,
  NotFoundError,
  RejectedError,
  UnavailableError,
  type SyncError,
} from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { Problem } from '../protocol/problem.ts';
import { readWireRecord } from '../protocol/wire-record.ts';
import { errorOfAnyone, type Told } from './gateway-error.ts';

/** An answer that is no success: of a request, or of one member of a batch. */
export interface Refusal {
  readonly status: number;
  readonly problem: Problem;
  /** Whether it bears the sign of the backend; without, somebody in between may have answered. */
  readonly isFromBackend: boolean;
  readonly isHtml: boolean;
  readonly retryAfterMs: number | undefined;
  /** The entity that was asked about; null when it was not one. */
  readonly entityId: string | null;
  /** The life of the server's data that it is of. */
  readonly epoch: string | null;
}

/** The error that a refusal means. Only the backend's own word refuses an operation. */
export function errorOf(refusal: Refusal): SyncError {
  const shared = errorOfAnyone(toldBy(refusal), refusal);
  return shared ?? (refusal.isFromBackend ? errorOfBackend(refusal) : errorOfStranger(refusal));
}

function toldBy({ status, problem }: Refusal): Told {
  return Object.keys(problem.detail).length === 0 ? { status } : { status, detail: problem.detail };
}

/** Tried again, also where it is a wrong address: a gateway answers 404 while a backend is being replaced. */
function errorOfStranger(refusal: Refusal): SyncError {
  const { status, isHtml } = refusal;
  if (isHtml && status !== 404) return new CaptivePortalError({ status });
  const message =
    status === 404
      ? 'No sync backend is at this address. Check the option `url`.'
      : 'The answer does not bear the sign of the backend.';
  return new BadResponseError(message, toldBy(refusal));
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

function currentOf({ problem, entityId, epoch }: Refusal): ServerRecord | null {
  if (problem.current === undefined || entityId === null) return null;
  try {
    return readWireRecord(problem.current, entityId, epoch);
  } catch {
    return null;
  }
}
