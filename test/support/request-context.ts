import type { RequestContext } from '../../src/ports/api-client.ts';

/** A context as the service makes one, with what matters to a test in place. */
export function createRequestContext(parts: Partial<RequestContext> = {}): RequestContext {
  return { clientId: 'client-1', idempotencyKey: 'key-1', attempt: 1, signal: new AbortController().signal, ...parts };
}
