import { freezeJson } from '../core/freeze-json.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { ISyncOperation, OperationStatus } from '../core/operation.ts';
import { compareOperations } from '../store/operation-order.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { isContested } from '../store/entity-state.ts';
import type { StoredOperation } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { EntityStatus } from './collection.ts';

const waits: SyncErrorInfo = {
  code: 'parked',
  message: 'It waits for another entity, which was refused: decide about that, or discard this.',
};

/** An operation as the app sees it: what was written, and how it stands now. */
export function toOperation(slot: EntitySlot, stored: StoredOperation, outbox: Outbox): ISyncOperation {
  const { absorbs: _, lost: __, ...operation } = stored;
  const { work } = slot.state;
  const lane = outbox.lane(slot);
  const request = work?.request?.operationIds.includes(stored.id) ? work.request : null;
  const error = work?.refusal ?? (outbox.isBehindRefused(slot) ? waits : null);
  return freezeJson({
    ...operation,
    status: statusOf(slot, request !== null, outbox),
    attempts: request ? lane.attempts : 0,
    ...(request ? { idempotencyKey: request.idempotencyKey } : {}),
    ...(error ? { error } : {}),
  });
}

function statusOf(slot: EntitySlot, isSealed: boolean, outbox: Outbox): OperationStatus {
  const { work } = slot.state;
  const lane = outbox.lane(slot);
  if (work?.conflict || isContested(slot.state)) return 'conflicted';
  if (work?.refusal || outbox.isBehindRefused(slot)) return 'parked';
  if (!isSealed) return 'pending';
  if (lane.claimed) return 'sending';
  return lane.unknown ? 'unknown' : 'pending';
}

/** All unsettled operations, in the order they will be sent. */
export function listOperations(replica: Replica, outbox: Outbox): ISyncOperation[] {
  return [...replica.working]
    .flatMap((slot) => (slot.state.work?.pending ?? []).map((operation) => ({ slot, operation })))
    .sort((a, b) => compareOperations(a.operation, b.operation))
    .map(({ slot, operation }) => toOperation(slot, operation, outbox));
}

/** The first that fits: conflicted, parked, sending, pending, synced (S25). */
export function entityStatus(slot: EntitySlot | undefined, outbox: Outbox): EntityStatus {
  if (!slot || (!slot.state.base && !slot.state.work)) return 'unknown-entity';
  const { work, base } = slot.state;
  if (!work) return base?.entity ? 'synced' : 'unknown-entity';
  if (work.conflict || isContested(slot.state)) return 'conflicted';
  if (work.refusal || outbox.isBehindRefused(slot)) return 'parked';
  return work.request && outbox.lane(slot).claimed ? 'sending' : 'pending';
}
