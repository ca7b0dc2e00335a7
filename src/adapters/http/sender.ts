import type { RequestContext } from '../../ports/api-client.ts';

/** The headers that say who writes, under which key, for which life of the data, and when the change was made. */
export function senderOf(context: RequestContext, stamp?: string): Readonly<Record<string, string>> {
  const { clientId, idempotencyKey, epoch, updatedAt = stamp } = context;
  return {
    'Sync-Client': clientId,
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': `"${idempotencyKey}"` }),
    ...(epoch === undefined ? {} : { 'Sync-Epoch': epoch }),
    ...(updatedAt === undefined ? {} : { 'Sync-Updated-At': updatedAt }),
  };
}
