import type { StoredOperation } from './entry.ts';

/** The order of operations: by stamp, then writer, then number (S6). */
export function compareOperations(a: StoredOperation, b: StoredOperation): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  if (a.clientId !== b.clientId) return a.clientId < b.clientId ? -1 : 1;
  return a.sequence - b.sequence;
}
