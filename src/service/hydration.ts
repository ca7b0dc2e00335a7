import type { EntityEvent, Trouble } from '../../machines/entity.machine.ts';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { Backend } from '../actors/backend.ts';
import type { OldTombstones } from '../feed/old-tombstones.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { References } from '../outbox/references.ts';
import type { EntityStep } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { Counts } from './counts.ts';
import type { Identity } from './identity.ts';
import type { LocalData } from './local-data.ts';
import type { LocalWrites } from './local-writes.ts';
import type { Observers } from './observers.ts';
import type { OperationIndex } from './operation-index.ts';
import type { Troubles } from './troubles.ts';

export interface HydrationParts {
  readonly data: LocalData;
  readonly identity: Identity;
  readonly replica: Replica;
  readonly backend: Backend;
  readonly tombstones: OldTombstones;
  readonly references: References;
  readonly operations: OperationIndex;
  readonly outbox: Outbox;
  readonly counts: Counts;
  readonly troubles: Troubles;
  readonly observers: Observers;
  readonly writes: LocalWrites;
  isOver(): boolean;
  commitStep(slot: EntitySlot, step: EntityStep): Promise<void>;
  tell(slot: EntitySlot, event: EntityEvent, trouble: Trouble): void;
  report(event: RootEvent): void;
  changed(): void;
}

/** Loads what is stored, as leader or follower, and shows it. Rejects where the stored data cannot be had. */
export async function hydrate(parts: HydrationParts, role: 'leader' | 'follower'): Promise<void> {
  const { data, identity, replica, observers, writes, tombstones, backend } = parts;
  const stamp = await data.open(role);
  if (parts.isOver()) return;
  if (stamp !== null) identity.restore(stamp);
  tombstones.loaded();
  if (!backend.canPull) for (const collection of replica.collections()) tombstones.forget(collection);
  takeUp(parts);
  for (const collection of replica.collections())
    for (const slot of replica.slots(collection)) {
      observers.changedElsewhere(collection, slot.id);
      observers.statusChanged(collection, slot.id);
    }
  observers.together(() => writes.hydrated());
  parts.changed();
}

/** What is unsettled is this tab's to go on with; in one that does not lead, it is only shown. */
export function takeUp(parts: HydrationParts): void {
  const { data, replica, backend, operations, outbox, references, counts, troubles } = parts;
  outbox.clear();
  operations.restated();
  for (const slot of replica.working) {
    references.update(slot);
    if (slot.state.work?.request) outbox.change(slot, { unknown: true, asking: !backend.isIdempotent });
  }
  for (const slot of replica.working) {
    counts.update(slot);
    outbox.update(slot);
  }
  if (data.epoch !== null) {
    parts.report({ type: 'leadership.taken' });
    parkLost(parts, [...replica.working]);
  }
  troubles.resume([...replica.working]);
  for (const slot of outbox.asking()) parts.tell(slot, { type: 'outcome.lost' }, 'unknown');
}

/** What an operation changed in excluded fields did not outlive the tab that wrote it: the app has to write it again (S32). */
export function parkLost({ outbox, commitStep }: HydrationParts, slots: readonly EntitySlot[]): void {
  for (const slot of slots) {
    const lost = slot.state.work?.pending.flatMap((operation) => operation.lost ?? []) ?? [];
    if (lost.length === 0 || slot.state.work?.refusal) continue;
    const message = `${lost.join(', ')} of ${slot.collection}/${slot.id} is kept in memory only and was lost with the restart. Edit the operation to write it again, or discard it.`;
    const key = slot.state.work?.request?.idempotencyKey ?? null;
    outbox.change(slot, { unknown: false, asking: false });
    void commitStep(slot, { type: 'park', key, error: { code: 'excluded-lost', message } });
  }
}
