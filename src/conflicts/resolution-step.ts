import type { ConflictRecord } from '../core/conflict.ts';
import { diffEntity } from '../core/diff.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { operationIds, type EntityStep, type StoredOperation } from '../store/entry.ts';
import type { EntityWork } from '../store/entity-state.ts';

type Mark = Pick<StoredOperation, 'id' | 'clientId' | 'sequence' | 'timestamp'>;

/**
 * The step that ends a conflict: the remote state becomes the base, and one operation leads from it to the outcome, or none
 * when the remote side was kept (S16). The operation carries the fate of all that was pending.
 */
export function resolutionStep(
  conflict: ConflictRecord,
  work: EntityWork,
  outcome: ISyncEntity | null,
  mark: Mark,
): EntityStep & { type: 'resolve' } {
  const remote: Base = work.foreign ?? { entity: null, version: null, updatedAt: null };
  const operation = operationTowards(conflict, remote, outcome, work, mark);
  const record: ConflictRecord = {
    ...conflict,
    status: 'resolved',
    resolved: outcome && {
      ...outcome,
      updatedAt: operation ? mark.timestamp : (remote.entity?.updatedAt ?? mark.timestamp),
    },
    resolvedAt: mark.timestamp,
  };
  return { type: 'resolve', remote, operation, record };
}

function operationTowards(
  { collection, entityId }: ConflictRecord,
  remote: Base,
  outcome: ISyncEntity | null,
  work: EntityWork,
  mark: Mark,
): StoredOperation | null {
  const head = { ...mark, collection, entityId, baseVersion: remote.version, absorbs: operationIds(work.pending) };
  if (outcome === null) return remote.entity === null ? null : { ...head, type: 'delete' };
  if (remote.entity === null) {
    const { version: _, ...entity } = outcome;
    return { ...head, type: 'create', entity: { ...entity, updatedAt: mark.timestamp }, baseVersion: null };
  }
  const patch = diffEntity(remote.entity, outcome);
  return patch.length === 0 ? null : { ...head, type: 'update', patch };
}
