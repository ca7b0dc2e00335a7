import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalKeys } from './keys.ts';
import { removeKeys } from './sweep.ts';

const noPause = (): Promise<void> => Promise.resolve();

/**
 * Removes every key of one name and user: pages and manifests first, then segments from the oldest on, so that nothing
 * that was settled comes back when this is interrupted. Rejects with `storage-failed`.
 */
export async function wipeStored(storage: GuardedStorage, names: JournalKeys): Promise<void> {
  const keys = (await storage.keys()).filter((key) => names.parse(key) !== null);
  const isSegment = (key: string): boolean => names.parse(key)?.kind === 'segment';
  const segments = keys.filter(isSegment).sort();
  await removeKeys(storage, [...keys.filter((key) => !isSegment(key)), ...segments], noPause);
  await storage.close();
}
