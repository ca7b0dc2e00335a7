import { SyncError, UnavailableError } from '../../core/errors.ts';

/** Failures that leave open what became of a request. */
const openCodes: ReadonlySet<string> = new Set(['unavailable', 'timeout', 'aborted', 'captive-portal', 'bad-response']);

/**
 * Runs a read that belongs to a write which the backend has done. Whatever it fails with, the write was not refused: a failure that would say so
 * becomes `unavailable`, with its status.
 */
export async function readAfterWrite<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SyncError) || openCodes.has(error.code)) throw error;
    const { status, detail } = error;
    const { retryAfterMs } = error as Partial<UnavailableError>;
    throw new UnavailableError({
      message: 'The entity could not be read after it was written. It is asked for again.',
      ...(status === undefined ? {} : { status }),
      ...(detail === undefined ? {} : { detail }),
      retryAfterMs,
    });
  }
}
