import { SyncError } from '../../core/errors.ts';

/** What a call throws whose signal was aborted: `timeout` when the reason is a `TimeoutError`, else `aborted`. */
export function abortError(signal: AbortSignal): SyncError {
  const reason: unknown = signal.reason;
  if (reason instanceof SyncError) return reason;
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new SyncError('timeout', 'The backend took too long to answer.')
    : new SyncError('aborted', 'The call was aborted.');
}

/** Settles as `promise` does, or rejects with {@link abortError} as soon as the signal is aborted. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
