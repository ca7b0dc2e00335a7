import { timed } from '../measure.ts';
import { openRawDatabase, removeDatabase } from './database.ts';
import { rawRequest, type RawRequest } from './request.ts';

const batchSize = 100;

/**
 * Batches of 100 from a durable queue: the next page is read while one is out, and what was acknowledged is removed from
 * the queue meanwhile. Milliseconds until all is acknowledged and removed.
 */
export async function drainRaw(origin: string, operations: number): Promise<number> {
  const database = await openRawDatabase('raw');
  await database.putAll(Array.from({ length: operations }, (_, index) => [index, rawRequest(index)] as const));
  const page = (start: number) =>
    start < operations ? database.getAll(IDBKeyRange.bound(start, start + batchSize - 1)) : Promise.resolve([]);

  const ms = await timed(async () => {
    const removals = [];
    let reading = page(0);
    for (let start = 0; start < operations; start += batchSize) {
      const requests = (await reading) as readonly RawRequest[];
      reading = page(start + batchSize);
      await sendBatch(origin, requests);
      removals.push(database.delete(IDBKeyRange.bound(start, start + batchSize - 1)));
    }
    await Promise.all(removals);
  });
  database.close();
  await removeDatabase('raw');
  return ms;
}

async function sendBatch(origin: string, requests: readonly RawRequest[]): Promise<void> {
  const response = await fetch(`${origin}/v1/batch`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ requests }),
  });
  const { results } = (await response.json()) as { results: readonly { idempotencyKey: string }[] };
  const answered = new Set(results.map(({ idempotencyKey }) => idempotencyKey));
  if (!requests.every(({ idempotencyKey }) => answered.has(idempotencyKey))) throw new Error('Not all was answered.');
}

/** One request per operation from memory, so many at a time. Milliseconds until all is answered. */
export async function sendEach(origin: string, operations: number, concurrency: number): Promise<number> {
  const requests = Array.from({ length: operations }, (_, index) => rawRequest(index));
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++])
      await sendOne(origin, request);
  };
  return timed(() => Promise.all(Array.from({ length: concurrency }, lane)));
}

async function sendOne(origin: string, request: RawRequest): Promise<void> {
  const response = await fetch(`${origin}/v1/${request.collection}/${request.entityId}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `"${request.idempotencyKey}"` },
    body: JSON.stringify(request.entity),
  });
  await response.json();
}
