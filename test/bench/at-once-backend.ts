import type { JsonPatch } from '../../src/index.ts';
import { firstInstant, itemId, makeItem } from './entities.ts';
import { incoming, incomingChanges } from './incoming.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

interface WireRequest {
  readonly idempotencyKey: string;
  readonly type: 'create' | 'update' | 'delete';
  readonly entityId: string;
  readonly baseVersion: number | null;
  readonly entity?: object;
  readonly patch?: JsonPatch;
}

/** A backend of the protocol that keeps nothing and agrees with everything. Null: it does not know the address. */
export function answerAtOnce({ method, url, body }: Asked): object | null {
  if (url.pathname === '/v1/health') return { nonce: url.searchParams.get('nonce') };
  if (url.pathname === '/v1/changes') return changesAfter(url.searchParams);
  if (url.pathname === '/v1/batch') {
    const { requests } = JSON.parse(body) as { requests: readonly WireRequest[] };
    return { results: requests.map((request) => ({ idempotencyKey: request.idempotencyKey, ...resultOf(request) })) };
  }
  const id = /^\/v1\/[\w-]+\/([^/]+)$/.exec(url.pathname)?.[1];
  if (id === undefined) return null;
  const written = method === 'PATCH' ? patched(id, JSON.parse(body) as JsonPatch) : (JSON.parse(body) as object);
  return recordOf(id, written, 1);
}

function resultOf({ type, entityId, entity, patch, baseVersion }: WireRequest): object {
  if (type === 'delete')
    return { status: 200, record: { entity: null, deleted: true, version: (baseVersion ?? 0) + 1 } };
  const written = type === 'create' ? (entity ?? {}) : patched(entityId, patch ?? []);
  return { status: 200, record: recordOf(entityId, written, (baseVersion ?? 0) + 1) };
}

function recordOf(id: string, written: object, version: number): object {
  const updatedAt = firstInstant;
  return { entity: { ...written, id, updatedAt, version }, version, deleted: false, updatedAt };
}

/** The item with its top-level fields replaced: all that the benchmarks ever change. */
function patched(id: string, patch: JsonPatch): object {
  const fields = patch.map((step) => [step.path.slice(1), 'value' in step ? step.value : null]);
  return { ...makeItem(Number(id.slice(id.indexOf('-') + 1))), ...Object.fromEntries(fields) };
}

function changesAfter(query: URLSearchParams): object {
  const collection = query.get('collections') ?? '';
  const total = collection === incoming ? incomingChanges : 0;
  const start = Number(query.get('since') ?? 0);
  const end = Math.min(total, start + Number(query.get('limit') ?? 500));
  const changes = [];
  for (let index = start; index < end; index += 1) {
    const entity = { ...makeItem(index), updatedAt: firstInstant, version: 1 };
    const id = itemId(index);
    changes.push({ collection, id, entity, version: 1, updatedAt: firstInstant, cursor: `${index + 1}` });
  }
  return { changes, cursor: `${Math.max(start, end)}`, hasMore: end < total, epoch: 'bench' };
}
