import { SyncError } from '../core/errors.ts';
import { operationIds } from '../store/entry.ts';
import type { Engine } from './engine.ts';
import { listOperations } from './operation-view.ts';

const words: readonly unknown[] = ['keep', 'discard', 'export'];

/**
 * Ends the service for this user, in every tab. `keep` leaves the data and the queue on the disk, `discard` and `export` remove them;
 * `export` resolves with the operations as JSON (S35). Rejects with `invalid-option` for any other word.
 */
export async function signOut(engine: Engine, pending: 'keep' | 'discard' | 'export'): Promise<string | undefined> {
  const { replica, outbox, fates, data, tabs } = engine;
  if (!words.includes(pending)) {
    const message = `signOut takes pending as one of: ${words.join(', ')}. Nothing was done.`;
    throw new SyncError('invalid-option', message, { path: '/pending' });
  }
  await engine.ready;
  await tabs.signOut();
  if (pending === 'export') await data.adopt();
  await engine.close();
  if (pending === 'keep') return undefined;
  const exported = pending === 'export' ? JSON.stringify(listOperations(replica, outbox)) : undefined;
  await data.wipe();
  const error = new SyncError('discarded', 'The operation was given up at sign-out.');
  for (const { state } of replica.working) fates.settle(operationIds(state.work?.pending ?? []), { error });
  return exported;
}
