import { SyncError } from './errors.ts';

/** What a wait rejects with whose signal was aborted. */
export function abortedWait(signal: AbortSignal | undefined): SyncError {
  return new SyncError('aborted', 'The wait was aborted. What was written stays.', { cause: signal?.reason });
}

/** What the writes of a batch reject with that threw. */
export function abortedBatch(): SyncError {
  return new SyncError('aborted', 'The batch threw: nothing of it was written.');
}
