import { UnavailableError } from '../../core/errors.ts';
import { abortError, untilAborted } from '../protocol/abort.ts';
import { redact } from '../protocol/redact.ts';

/**
 * Runs something of the network until the signal is aborted. What it throws becomes `unavailable`, without its cause, which
 * may quote the token.
 */
export async function guarded<T>(
  run: () => Promise<T>,
  { token, signal }: { readonly token: string | null; readonly signal: AbortSignal },
): Promise<T> {
  try {
    return await untilAborted(run(), signal);
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw new UnavailableError({ detail: { reason: redact(reasonOf(error), token) } });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error';
  const cause: unknown = error.cause;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `${error.name}: ${error.message}${code}`;
}
