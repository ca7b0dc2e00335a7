import { collection, firstInstant, makeItem } from '../entities.ts';

/** One create as a hand-written queue would keep and send it. */
export interface RawRequest {
  readonly idempotencyKey: string;
  readonly type: 'create';
  readonly collection: string;
  readonly entityId: string;
  readonly baseVersion: null;
  readonly entity: object;
  readonly updatedAt: string;
}

export function rawRequest(index: number): RawRequest {
  const item = makeItem(index);
  return {
    idempotencyKey: crypto.randomUUID(),
    type: 'create',
    collection,
    entityId: item.id,
    baseVersion: null,
    entity: { ...item, updatedAt: firstInstant },
    updatedAt: firstInstant,
  };
}
