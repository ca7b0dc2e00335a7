import { CaptivePortalError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import type { Exchange } from './exchange.ts';

/** Asks whether the real backend is there: only an answer that echoes the nonce counts. Sends no token. */
export function createProbe(exchange: Exchange): NonNullable<ApiClient['probe']> {
  return async ({ clientId, signal }) => {
    const nonce = createNonce();
    const request = { method: 'GET', path: `/v1/health?nonce=${nonce}`, isAnonymous: true } as const;
    const { body } = await exchange.send(request, clientId, signal);
    if (!isObject(body) || body['nonce'] !== nonce) throw new CaptivePortalError();
  };
}

function createNonce(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
