/**
 * Asks the browser not to evict this origin's data under storage pressure (S33). Resolves with its answer; false where it cannot be asked.
 * Never rejects.
 */
export async function requestPersistence(): Promise<boolean> {
  const storage = globalThis.navigator?.storage as StorageManager | undefined;
  if (storage?.persist === undefined) return false;
  return storage.persist().catch(() => false);
}
