import type { Engine } from './engine.ts';
import { listOperations } from './operation-view.ts';

/**
 * Ends the service for this user. `keep` leaves the data and the queue on the disk, `discard` and `export` remove them;
 * `export` resolves with the operations as JSON (S35).
 */
export async function signOut(engine: Engine, pending: 'keep' | 'discard' | 'export'): Promise<string | undefined> {
  await engine.ready;
  const exported = pending === 'export' ? JSON.stringify(listOperations(engine.replica, engine.outbox)) : undefined;
  await engine.close();
  if (pending !== 'keep') await engine.data.wipe();
  return exported;
}
