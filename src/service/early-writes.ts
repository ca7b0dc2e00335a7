import { abortedBatch } from '../core/aborted-errors.ts';
import type { ISyncEntity } from '../core/entity.ts';
import type { SyncError } from '../core/errors.ts';
import type { Intent } from '../outbox/compose-operation.ts';
import type { LocalWrite } from './local-writes.ts';

/** A write that waits for the local data. */
export interface EarlyWrite {
  readonly collection: string;
  readonly entityId: string;
  readonly operationId: string;
  /** What is wanted once the stored state is known. */
  intent(): Intent;
  resolve(write: LocalWrite): void;
  reject(error: SyncError): void;
}

/** What was written before the local data was there: shown at once, and kept in call order until it can be written (S15). */
export interface EarlyWrites {
  /** `view`: what is shown of the entity from now on; undefined: that is not known yet. */
  add(write: EarlyWrite, view: ISyncEntity | null | undefined): void;
  /** What is added meanwhile is one batch; nothing of it, when `run` throws (S46). */
  together<R>(run: () => R): R;
  /** What is shown, of a collection; null: gone. */
  views(collection: string): ReadonlyMap<string, ISyncEntity | null> | undefined;
  /** All of it, to be written or given up: each batch whole. Nothing of it is shown any more. */
  take(): readonly (readonly EarlyWrite[])[];
}

interface Shown {
  readonly write: EarlyWrite;
  readonly viewBefore: ISyncEntity | null | undefined;
}

/** `shown`: what is shown of the entity has changed. */
export function createEarlyWrites(shown: (collection: string, id: string) => void): EarlyWrites {
  let batches: Shown[][] = [];
  let open: Shown[] | null = null;
  const viewsByCollection = new Map<string, Map<string, ISyncEntity | null>>();

  function show({ collection, entityId }: EarlyWrite, view: ISyncEntity | null | undefined): void {
    const views = viewsByCollection.get(collection) ?? new Map<string, ISyncEntity | null>();
    viewsByCollection.set(collection, views);
    if (view === undefined) views.delete(entityId);
    else views.set(entityId, view);
  }

  function takeBack(batch: readonly Shown[]): void {
    for (const { write, viewBefore } of batch.toReversed()) show(write, viewBefore);
    const error = abortedBatch();
    for (const { write } of batch) {
      write.reject(error);
      shown(write.collection, write.entityId);
    }
  }

  return {
    add(write, view) {
      const viewBefore = viewsByCollection.get(write.collection)?.get(write.entityId);
      if (open) open.push({ write, viewBefore });
      else batches.push([{ write, viewBefore }]);
      if (view === undefined) return;
      show(write, view);
      shown(write.collection, write.entityId);
    },
    together(run) {
      const batch: Shown[] = [];
      open = batch;
      try {
        const result = run();
        batches.push(batch);
        return result;
      } catch (error) {
        takeBack(batch);
        throw error;
      } finally {
        open = null;
      }
    },
    views: (collection) => viewsByCollection.get(collection),
    take() {
      const taken = batches.map((batch) => batch.map(({ write }) => write));
      batches = [];
      viewsByCollection.clear();
      return taken;
    },
  };
}
