import { SyncError } from '../core/errors.ts';
import { freezeJson } from '../core/freeze-json.ts';
import type { ISyncOperation } from '../core/operation.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { References } from '../outbox/references.ts';
import { newestTold, viewOf } from '../store/entity-state.ts';
import { operationIds } from '../store/entry.ts';
import type { LedgerListener } from '../store/ledger.ts';
import type { ChangeOrigin, EntityChange, EntitySlot } from '../store/replica.ts';
import type { Counts } from './counts.ts';
import type { SyncEvent } from './events.ts';
import type { Fates } from './fates.ts';
import type { Identity } from './identity.ts';
import type { Observers } from './observers.ts';
import type { OperationIndex } from './operation-index.ts';
import { toOperation } from './operation-view.ts';
import type { Status } from './status.ts';
import type { Troubles } from './troubles.ts';

export interface FanOutParts {
  readonly counts: Counts;
  readonly fates: Fates;
  readonly identity: Identity;
  readonly observers: Observers;
  readonly operations: OperationIndex;
  readonly outbox: Outbox;
  readonly references: References;
  readonly status: Status;
  readonly troubles: Troubles;
  emit(event: () => SyncEvent): void;
  changed(): void;
}

export interface FanOut extends LedgerListener {
  /** The entity was refused: its promises reject. */
  parked(slot: EntitySlot): void;
  /** Whether it awaits a decision is not as it was, though its state is: others may stand otherwise. */
  restated(slot: EntitySlot): void;
}

/** Every change of an entity passes here once: to the counts, the lanes, the promises, the observers. */
export function createFanOut(parts: FanOutParts): FanOut {
  const { counts, fates, identity, observers, operations, outbox, references, status, troubles } = parts;

  function settle(change: EntityChange): void {
    const { slot, before, after, settled, discarded } = change;
    if (settled.length > 0) {
      fates.settle(settled, { entity: freezeJson(after.base?.entity ?? null) });
      status.settled(settled.length);
      const type = isAcknowledgement(change) ? 'operation.acknowledged' : 'operation.superseded';
      if (type === 'operation.acknowledged') status.synced();
      announce(slot, before.work?.pending ?? [], settled, (operation) => ({ type, operation }));
    }
    if (discarded.length > 0) {
      const error = new SyncError('discarded', 'The operation was given up by the app.', about(slot));
      fates.settle(discarded, { error });
      announce(slot, before.work?.pending ?? [], discarded, (operation) => ({
        type: 'operation.discarded',
        operation,
      }));
    }
  }

  function announce(
    slot: EntitySlot,
    pending: readonly EntityChangeOperation[],
    ids: readonly string[],
    event: (operation: ISyncOperation) => SyncEvent,
  ): void {
    const ended = new Set(ids);
    for (const operation of pending)
      if (ended.has(operation.id)) parts.emit(() => event(toOperation(slot, operation, outbox)));
  }

  function show({ slot, before, after }: EntityChange, origin: ChangeOrigin): void {
    const view = viewOf(after);
    if (viewOf(before) !== view) {
      if (origin === 'local') observers.changedHere(slot.collection, { id: slot.id, entity: freezeJson(view) });
      else observers.changedElsewhere(slot.collection, slot.id);
    }
    observers.statusChanged(slot.collection, slot.id);
  }

  /** A state that is held back is news to the clock all the same: what is decided about it comes after it (S6). */
  function learn({ before, after }: EntityChange, origin: ChangeOrigin): void {
    const told = newestTold(after);
    if (origin !== 'local' && told?.updatedAt && told !== newestTold(before)) identity.receive(told.updatedAt);
  }

  /** Counts the entity, and those that stand otherwise through it; gives the latter. */
  function count(slot: EntitySlot): readonly EntitySlot[] {
    const affected = references.update(slot);
    counts.update(slot);
    for (const other of affected) counts.update(other);
    return affected;
  }

  function queueAgain(slots: readonly EntitySlot[]): void {
    if (slots.length > 0) operations.restated();
    for (const slot of slots) {
      outbox.update(slot);
      observers.statusChanged(slot.collection, slot.id);
    }
  }

  /** Whatever stands open, or stood, is counted and queued anew. */
  function account(change: EntityChange): void {
    operations.note(change);
    const affected = count(change.slot);
    settle(change);
    if (isClosed(change)) outbox.change(change.slot, { attempts: 0, unknown: false, asking: false, notBefore: 0 });
    outbox.update(change.slot);
    queueAgain(affected);
  }

  return {
    changed(changes, origin) {
      for (const change of changes) {
        if (change.before === change.after) continue;
        learn(change, origin);
        if (change.before.work || change.after.work) account(change);
      }
      observers.together(() => {
        for (const change of changes) if (change.before !== change.after) show(change, origin);
      });
      for (const change of changes) if (change.before !== change.after) troubles.watch(change, origin);
      parts.changed();
    },
    stored(_, written) {
      for (const slot of written) outbox.update(slot);
    },
    dropped(ids) {
      const error = new SyncError(
        'storage-failed',
        'The storage did not take the write: it was taken back. Free some space and write it again.',
      );
      fates.settle(ids, { error });
      parts.changed();
    },
    restated: (slot) => queueAgain(count(slot)),
    parked(slot) {
      const { work } = slot.state;
      if (!work?.refusal) return;
      const { message, status: httpStatus, detail } = work.refusal;
      for (const operation of work.pending) {
        const error = new SyncError('parked', message, {
          ...about(slot),
          operationId: operation.id,
          status: httpStatus,
          detail,
        });
        fates.settle(operationIds([operation]), { error });
        const { refusal } = work;
        parts.emit(() => ({
          type: 'operation.parked',
          operation: toOperation(slot, operation, outbox),
          error: refusal,
        }));
      }
    },
  };
}

/** A backend took what ended. Where nobody saw how it ended, that is assumed. */
function isAcknowledgement({ step, isUnseen }: EntityChange): boolean {
  return step.type === 'settle' || isUnseen === true;
}

/** The request that was out is over: what was known of its way says nothing of the next one. */
function isClosed({ before, after }: EntityChange): boolean {
  const key = before.work?.request?.idempotencyKey;
  return key !== undefined && after.work?.request?.idempotencyKey !== key;
}

type EntityChangeOperation = NonNullable<EntityChange['before']['work']>['pending'][number];

function about({ collection, id }: EntitySlot): { collection: string; entityId: string } {
  return { collection, entityId: id };
}
