import { collection } from '../entities.ts';

/** Sends items in one request and waits for the answer. */
export async function send(origin, items) {
  const requests = items.map((entity) => ({
    idempotencyKey: crypto.randomUUID(),
    type: 'create',
    collection,
    entityId: entity.id,
    baseVersion: null,
    entity,
  }));
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${origin}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ requests }) });
  return response.json();
}
