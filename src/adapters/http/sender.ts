import type { RequestContext } from '../../ports/api-client.ts';

/** The headers that say who writes, under which key, and for which life of the data. */
export function senderOf({ clientId, idempotencyKey, epoch }: RequestContext): Readonly<Record<string, string>> {
  return {
    'Sync-Client': clientId,
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': `"${idempotencyKey}"` }),
    ...(epoch === undefined ? {} : { 'Sync-Epoch': epoch }),
  };
}
