import type { ConflictRecord } from '../core/conflict.ts';
import type { IConflictLog } from './conflict-log.ts';
import type { Engine } from './engine.ts';
import { serviceStream } from './service-stream.ts';

export function createConflictsView(engine: Engine): IConflictLog {
  const { conflicts } = engine;

  return {
    list() {
      engine.start();
      return conflicts.list();
    },
    get(id) {
      engine.start();
      return conflicts.get(id);
    },
    records$: serviceStream<readonly ConflictRecord[]>(engine, (subscriber) => {
      let told = conflicts.list();
      const subscription = engine.changed$.subscribe(() => {
        const now = conflicts.list();
        if (now === told) return;
        told = now;
        subscriber.next(now);
      });
      subscriber.next(told);
      return subscription;
    }),
    async resolve(id, choice) {
      engine.assertOpen();
      engine.start();
      await engine.ready;
      await engine.request({ type: 'resolve', conflictId: id, choice });
    },
  };
}
