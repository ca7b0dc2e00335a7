import { builtInResolvers } from '../../src/index.ts';
import type { NetworkClient } from './network-client.ts';
import { collections } from './workload.ts';

const roundsAlone = 10;

/**
 * Decides as a person would what was decided so often in vain that it awaits one (S19): the network lets a client lose to the
 * others time after time. Nobody is asked before that.
 */
export async function decideAwaited({ sync }: NetworkClient): Promise<void> {
  const records = sync.conflicts.list();
  const roundsOf = (id: string) =>
    records.filter(({ entityId, status }) => entityId === id && status === 'resolved').length;
  const awaited = records.filter(({ entityId, status }) => status === 'open' && roundsOf(entityId) >= roundsAlone);
  await Promise.all(
    awaited.map(async (record) => {
      const merged = builtInResolvers.merge(record, { policies: collections.board.fields });
      if (merged !== 'manual' && merged.entity) await sync.conflicts.resolve(record.id, merged.entity);
    }),
  );
}
