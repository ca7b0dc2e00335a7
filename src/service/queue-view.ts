import { SyncError } from '../core/errors.ts';
import type { ISyncOperation } from '../core/operation.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { Engine } from './engine.ts';
import type { IOfflineQueue } from './offline-queue.ts';
import { listOperations, toOperation } from './operation-view.ts';
import { serviceStream } from './service-stream.ts';

export function createQueueView(engine: Engine): IOfflineQueue {
  const { replica, outbox, counts, operations } = engine;

  async function findParked(id: string): Promise<EntitySlot> {
    engine.assertOpen();
    engine.start();
    await engine.ready;
    const found = operations.find(id);
    if (found && (found.slot.state.work?.refusal || outbox.isBehindRefused(found.slot))) return found.slot;
    const need = found
      ? 'is not parked: only a refused operation can be retried, edited or discarded'
      : 'is not in the queue';
    throw new SyncError('unknown-operation', `The operation ${id} ${need}.`, { operationId: id });
  }

  function list(): ISyncOperation[] {
    engine.start();
    return listOperations(replica, outbox);
  }

  return {
    get size() {
      engine.start();
      return counts.pending + counts.parked + counts.conflicts;
    },
    list,
    get(id) {
      engine.start();
      const found = operations.find(id);
      return found && toOperation(found.slot, found.operation, outbox);
    },
    operations$: serviceStream<readonly ISyncOperation[]>(engine, (subscriber) => {
      let told = operations.version;
      const subscription = engine.changed$.subscribe(() => {
        if (operations.version === told) return;
        told = operations.version;
        subscriber.next(list());
      });
      subscriber.next(list());
      return subscription;
    }),
    parked: () => list().filter(({ status }) => status === 'parked'),
    async retry(id) {
      await engine.commitStep(await findParked(id), { type: 'retry' });
    },
    async edit(id, entity) {
      const slot = await findParked(id);
      const write = engine.writes.put(slot.collection, { ...entity, id: slot.id });
      if (write.operationId === null) await engine.commitStep(slot, { type: 'retry' });
      await write.durable;
    },
    async discard(id) {
      await engine.commitStep(await findParked(id), { type: 'discard', operationId: id });
    },
    async export() {
      engine.start();
      await engine.ready;
      return JSON.stringify(list());
    },
  };
}
