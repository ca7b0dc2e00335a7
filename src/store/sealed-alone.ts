import { foldOver } from './apply-operation.ts';
import { pendingOf, type EntityState } from './entity-state.ts';
import type { SealedRequest, StoredOperation } from './entry.ts';

/**
 * The state with a request out whose writes are missing since their record was damaged: the request itself says what they
 * made. `mark`: whose its newest write was. Null: there is no place for a request.
 */
export function sealedAlone(
  state: EntityState,
  request: SealedRequest,
  mark: Pick<StoredOperation, 'clientId' | 'sequence' | 'lost'>,
): EntityState | null {
  const { base, work } = state;
  const { operationIds, timestamp, collection, entityId, type, entity, patch, baseVersion } = request;
  const id = operationIds.at(-1);
  if (id === undefined || work?.request || work?.conflict || work?.refusal) return null;
  const { clientId, sequence, lost } = mark;
  const absorbs = operationIds.slice(0, -1);
  const operation: StoredOperation = {
    ...{ id, clientId, sequence, timestamp, collection, entityId, type, baseVersion },
    ...(entity && { entity }),
    ...(patch && { patch }),
    ...(lost && { lost }),
    ...(absorbs.length > 0 && { absorbs }),
  };
  const pending = [operation, ...pendingOf(state).filter((each) => !operationIds.includes(each.id))];
  return {
    base,
    work: {
      ...{ foreign: null, conflict: null, refusal: null, rounds: 0 },
      ...work,
      ...{ view: foldOver(base, pending), pending, request: { ...request, operationIds: [id] } },
    },
  };
}
