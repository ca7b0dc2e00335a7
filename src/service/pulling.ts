import { SyncError } from '../core/errors.ts';
import type { Engine } from './engine.ts';

/** One catch-up of a collection, begun after this call. Rejects with what kept it from its end, or `unsupported`. */
export async function pullCollection(engine: Engine, collection: string): Promise<void> {
  if (!engine.canPull) {
    throw new SyncError(
      'unsupported',
      'The ApiClient has no changes(): load entities one by one, or give it a change feed.',
      { collection },
    );
  }
  await engine.ready;
  const done = engine.pulls.wait(collection);
  engine.send({ type: 'feed.pull', now: true });
  await done;
}
