import { SyncError } from '../core/errors.ts';
import type { Engine } from './engine.ts';

/** Throws `unsupported` when the backend has no change feed. */
export function assertPullable(engine: Engine, collection?: string): void {
  if (engine.canPull) return;
  throw new SyncError(
    'unsupported',
    'The ApiClient has no changes(): load entities one by one, or give it a change feed.',
    { collection },
  );
}

/** One catch-up of a collection, begun after this call. Rejects with what kept it from its end, or `unsupported`. */
export async function pullCollection(engine: Engine, collection: string): Promise<void> {
  assertPullable(engine, collection);
  await engine.ready;
  await engine.request({ type: 'pull', collection });
}
