import { readChoice } from '../conflicts/choose-resolution.ts';
import type { ConflictRecord } from '../core/conflict.ts';
import { SyncError } from '../core/errors.ts';
import type { IConflictLog } from './conflict-log.ts';
import type { Engine } from './engine.ts';
import { serviceStream } from './service-stream.ts';

export function createConflictsView(engine: Engine): IConflictLog {
  const { conflicts, decisions, events$ } = engine;

  return {
    list: () => conflicts.list(),
    get: (id) => conflicts.get(id),
    records$: serviceStream<readonly ConflictRecord[]>(engine, (subscriber) => {
      const subscription = engine.changed$.subscribe(() => subscriber.next(conflicts.list()));
      subscriber.next(conflicts.list());
      return subscription;
    }),
    async resolve(id, choice) {
      engine.assertOpen();
      engine.start();
      await engine.ready;
      const slot = conflicts.slotOf(id);
      if (!slot) {
        throw new SyncError(
          'unknown-operation',
          `There is no open conflict ${id}: it is resolved already, or never was.`,
        );
      }
      const isWord = choice === 'local' || choice === 'remote' || choice === null;
      decisions.set(id, isWord ? choice : readChoice({ collection: slot.collection, entityId: slot.id }, choice));
      const resolved = new Promise<void>((resolve) => {
        const subscription = events$.subscribe((event) => {
          if (event.type !== 'conflict.resolved' || event.conflict.id !== id) return;
          subscription.unsubscribe();
          resolve();
        });
      });
      engine.tellEntity(slot, { type: 'decision.made' });
      await resolved;
      await engine.data.flush();
    },
  };
}
