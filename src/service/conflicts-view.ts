import type { ConflictRecord } from '../core/conflict.ts';
import type { IConflictLog } from './conflict-log.ts';
import type { Engine } from './engine.ts';
import { valueStream } from './service-stream.ts';

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
    records$: valueStream<readonly ConflictRecord[]>(
      engine,
      () => conflicts.list(),
      (tell) => engine.changed$.subscribe(() => tell(conflicts.list())),
    ),
    async resolve(id, choice) {
      engine.assertOpen();
      engine.start();
      await engine.ready;
      await engine.request({ type: 'resolve', conflictId: id, choice });
    },
  };
}
