import { assertSameId } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import type { ISyncOperation } from '../core/operation.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { Engine } from './engine.ts';
import type { IOfflineQueue } from './offline-queue.ts';
import { listOperations, toOperation } from './operation-view.ts';
import { valueStream } from './service-stream.ts';

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

  let listed: readonly ISyncOperation[] = [];
  let listedVersion = -1;

  function list(): readonly ISyncOperation[] {
    engine.start();
    if (listedVersion !== operations.version) {
      listed = Object.freeze(listOperations(replica, outbox));
      listedVersion = operations.version;
    }
    return listed;
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
    operations$: valueStream(engine, list, (tell) => engine.changed$.subscribe(() => tell(list()))),
    parked: () => list().filter(({ status }) => status === 'parked'),
    async retry(id) {
      await engine.commitStep(await findParked(id), { type: 'retry' });
    },
    async edit(id, entity) {
      const slot = await findParked(id);
      assertSameId(slot.collection, slot.id, entity?.id);
      const write = engine.writes.put(slot.collection, entity);
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
