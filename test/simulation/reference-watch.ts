import type { ISyncOperation, SyncRequest } from '../../src/core/operation.ts';
import type { SimulatedService } from './simulated-client.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { World } from './world/world.ts';

/** Watches that what refers to an entity waits for it (S7), and says so where that was refused (S25). */
export interface ReferenceWatch {
  /** The app is about to write an entity: what was sealed while it was not to be waited for goes as it is (S1). */
  writes(collection: string, id: string): void;
  /** Requests leave. */
  sent(requests: readonly SyncRequest[]): void;
  /** The client's queue, as it is now. */
  look(operations: readonly ISyncOperation[]): void;
}

/** Watches a client by name. `service`: its present one. */
export function createReferenceWatch(
  { trace, backend, shape }: World,
  { keys, sealedBefore }: SimulatedDevice,
  name: string,
  service: () => SimulatedService | null,
): ReferenceWatch {
  const isWatched = shape.references && shape.order === 'entity';
  const held = new Set<string>();
  const count = (kind: string, { id, entityId }: ISyncOperation, parent: string): void => {
    if (held.has(`${kind} ${id}`)) return;
    held.add(`${kind} ${id}`);
    trace.fault(kind, `${name} notes/${entityId} waits for tasks/${parent}`);
  };
  const parentOf = (entity: unknown): string | undefined => (entity as { readonly task?: string } | undefined)?.task;
  const of = (operations: readonly ISyncOperation[], collection: string, id: string): readonly ISyncOperation[] =>
    operations.filter((each) => each.collection === collection && each.entityId === id);
  const isSealedApart = (one: ISyncOperation, other: ISyncOperation): boolean =>
    one.idempotencyKey !== undefined && one.idempotencyKey !== other.idempotencyKey;
  /** What was deleted before it was under way is not sent; what is put over a deletion that is not under way is there. */
  const isAwaited = (changes: readonly ISyncOperation[]): boolean => {
    const create = changes.find(({ type }) => type === 'create');
    const last = changes.at(-1);
    if (!create || !last || changes.some(({ status }) => status === 'conflicted')) return false;
    const before = changes[changes.indexOf(create) - 1];
    if (last.type === 'delete' && !isSealedApart(create, last)) return false;
    return !before || (before.type === 'delete' && isSealedApart(before, create));
  };

  /** What is to be deleted, and itself not refused, waits for what refers to it, and not the other way round. */
  const isRefused = (changes: readonly ISyncOperation[]): boolean => {
    const last = changes.at(-1);
    return last?.status === 'parked' && (last.type !== 'delete' || last.error?.code !== 'parked');
  };

  return {
    writes(collection, id) {
      const operations = service()?.queue.list() ?? [];
      if (!isWatched || collection !== 'tasks' || isAwaited(of(operations, 'tasks', id))) return;
      for (const { idempotencyKey } of operations) sealedBefore.add(`${idempotencyKey} ${id}`);
    },
    sent(requests) {
      if (!isWatched) return;
      for (const { idempotencyKey, collection, entityId, entity } of requests) {
        const parent = parentOf(entity);
        if (collection !== 'notes' || parent === undefined || keys.has(idempotencyKey)) continue;
        const before = of(service()?.queue.list() ?? [], 'tasks', parent);
        const [first] = before;
        if (!first || !isAwaited(before) || sealedBefore.has(`${idempotencyKey} ${parent}`)) continue;
        const { length } = backend.states('tasks', parent);
        trace.violate(
          `S7 ${name} sends notes/${entityId} before tasks/${parent}, which is ${first.status} (${length} states)`,
        );
      }
    },
    look(operations) {
      if (!isWatched) return;
      const notes = service()?.collection('notes');
      for (const id of new Set(operations.flatMap((each) => (each.collection === 'notes' ? each.entityId : [])))) {
        const parent = parentOf(notes?.get(id));
        const own = of(operations, 'notes', id);
        const [first] = own;
        const isSealed = own.some(({ idempotencyKey }) => idempotencyKey !== undefined);
        if (parent === undefined || !first || isSealed || first.status === 'conflicted') continue;
        const parents = of(operations, 'tasks', parent);
        if (isRefused(parents)) {
          count('child of a refused one', first, parent);
          if (first.status !== 'parked' || first.error === undefined)
            trace.violate(`S25 ${name} says ${first.status} of notes/${id}, which waits behind tasks/${parent}`);
        } else if (isAwaited(parents)) count('child held', first, parent);
      }
    },
  };
}
