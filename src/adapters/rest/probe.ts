import type { ApiClient } from '../../ports/api-client.ts';
import type { RestExchange } from './exchange.ts';

/** Asks whether the backend is there: JSON or nothing at all, no HTML, and its sign where one is known. Sends neither token nor own headers. */
export function createRestProbe(exchange: RestExchange, path: string): NonNullable<ApiClient['probe']> {
  return async ({ clientId, signal }) => {
    await exchange.send({ method: 'GET', path, isAnonymous: true }, clientId, signal);
  };
}
