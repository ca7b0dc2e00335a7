import { diffEntity } from '../core/diff.ts';
import type { ISyncEntity } from '../core/entity.ts';
import type { EntitySlot } from '../store/replica.ts';
import { newestStamp } from '../store/entity-state.ts';
import { viewAfter } from '../store/entity-transition.ts';
import type { SealedRequest } from '../store/entry.ts';

/** What the first pending operations of an entity come to: one request, or nothing that would change the backend (S2). */
export type Folded =
  | { readonly type: 'request'; readonly request: SealedRequest }
  | { readonly type: 'nothing'; readonly operationIds: readonly string[] };

/**
 * Folds the first `count` pending operations into one request. The result is what is sealed: it does not depend on anything
 * that can change afterwards.
 */
export function foldOperations(slot: EntitySlot, count: number, idempotencyKey: string): Folded {
  const { base, work } = slot.state;
  const operations = work?.pending.slice(0, count) ?? [];
  const ids = operations.map(({ id }) => id);
  const timestamp = newestStamp(operations);
  const view = viewAfter(slot.state, count);
  const before = base?.entity ?? null;
  const common = { idempotencyKey, collection: slot.collection, entityId: slot.id, operationIds: ids, timestamp };

  if (view === null) {
    if (before === null) return { type: 'nothing', operationIds: ids };
    return { type: 'request', request: { ...common, type: 'delete', baseVersion: base?.version ?? null } };
  }
  if (before === null) {
    return {
      type: 'request',
      request: { ...common, type: 'create', entity: withoutVersion(view, timestamp), baseVersion: null },
    };
  }
  const patch = diffEntity(before, view);
  if (patch.length === 0) return { type: 'nothing', operationIds: ids };
  return { type: 'request', request: { ...common, type: 'update', patch, baseVersion: base?.version ?? null } };
}

function withoutVersion(entity: ISyncEntity, updatedAt: string): ISyncEntity {
  const { version: _, ...rest } = entity;
  return { ...rest, updatedAt };
}
