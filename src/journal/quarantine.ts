import { SyncError } from '../core/errors.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalKeys } from './keys.ts';
import type { DamagedRecord } from './record-reader.ts';

/**
 * Moves damaged records to their quarantine keys and reports each: copied first, removed from its place only when the copy
 * is stored. A segment stays until a checkpoint covers it: nothing else would tell the next life that it is missing.
 * Gives the keys of those that stayed in their place because the storage failed.
 */
export async function setAside(
  damaged: readonly DamagedRecord[],
  storage: GuardedStorage,
  names: JournalKeys,
  report: (key: string, error: SyncError) => void,
): Promise<ReadonlySet<string>> {
  const left = new Set<string>();
  for (const { key, value, error } of damaged) {
    const target = names.quarantine(key);
    if (await succeeds(storage.set(target, value))) {
      const isSegment = names.parse(key)?.kind === 'segment';
      if (!isSegment && !(await succeeds(storage.remove(key)))) left.add(key);
      report(target, error);
    } else {
      left.add(key);
      report(key, error);
    }
  }
  return left;
}

async function succeeds(action: Promise<void>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'storage-failed') return false;
    throw error;
  }
}
