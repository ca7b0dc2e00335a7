import { SyncError, type SyncErrorCode } from '../core/errors.ts';
import type { Json } from '../core/json.ts';

const longestRetryAfterMs = 3_600_000;

/** Anything thrown, as a SyncError. Errors of another copy of the library are recognised by their code. */
export function toSyncError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const code = typeof thrown === 'object' && thrown !== null ? (thrown as { code?: unknown }).code : undefined;
  if (isErrorCode(code)) return ofOtherCopy(code, thrown as Readonly<Record<string, unknown>>);
  return new SyncError('unavailable', 'The request to the backend failed without an answer.', { cause: thrown });
}

/** What the error says of the answer; what follows from its code is not taken over. */
function ofOtherCopy(code: SyncErrorCode, thrown: Readonly<Record<string, unknown>>): SyncError {
  const { message, status, detail } = thrown;
  const error = new SyncError(code, typeof message === 'string' ? message : code, {
    status: typeof status === 'number' ? status : undefined,
    detail: detail as Json | undefined,
    cause: thrown,
  });
  const told = ['current', 'retryAfterMs', 'epoch', 'isFromBackend'].filter((name) => thrown[name] !== undefined);
  return Object.assign(error, Object.fromEntries(told.map((name) => [name, thrown[name]])));
}

const isErrorCode = (code: unknown): code is SyncErrorCode => errorCodes.has(code as string);

const errorCodes: ReadonlySet<string> = new Set<SyncErrorCode>([
  'conflict',
  'rejected',
  'invalid-entity',
  'invalid-patch',
  'invalid-id',
  'unauthorized',
  'forbidden',
  'not-found',
  'too-large',
  'misconfigured',
  'rate-limited',
  'unavailable',
  'bad-response',
  'captive-portal',
  'cursor-expired',
  'epoch-changed',
  'timeout',
]);

/** Whether `unavailable` is the backend's own word: it has a status, and nothing says that a gateway gave it (S26). */
export function isAnswer(error: SyncError): boolean {
  return error.status !== undefined && (error as Partial<{ isFromBackend: unknown }>).isFromBackend !== false;
}

/** Milliseconds that the backend asked to wait, at most an hour; 0: it did not ask, or nonsense. */
export function retryAfterOf(error: SyncError): number {
  const told: unknown = (error as Partial<{ retryAfterMs: unknown }>).retryAfterMs;
  return typeof told === 'number' && told > 0 ? Math.min(told, longestRetryAfterMs) : 0;
}

/** The feed no longer reaches back to the cursor. */
export function isCursorExpired(thrown: unknown): boolean {
  return toSyncError(thrown).code === 'cursor-expired';
}
