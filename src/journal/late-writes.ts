import type { StoredRecord } from './record-codec.ts';

/**
 * Writes that outlived their watchdog. One that lands after its key was written anew has put an old record in the place
 * of a newer one: the newer one is kept here for that case.
 */
export interface LateWrites {
  /** `record` is about to be written as segment `number`. */
  issued(number: number, record: StoredRecord): void;
  /** An attempt to write `record` was given up and may still land. */
  outlived(number: number, record: StoredRecord, attempt: Promise<unknown>): void;
  /** Segment `number` must be written again with `record`. */
  owe(number: number, record: StoredRecord): void;
  /** Takes a segment up to `position` whose record was overwritten and must be written again. */
  take(position: number): { readonly number: number; readonly record: StoredRecord } | null;
}

/** `onLanded` is called whenever an outlived write has landed. */
export function createLateWrites(onLanded: () => void): LateWrites {
  const attemptsByNumber = new Map<number, Set<Promise<unknown>>>();
  const newestByNumber = new Map<number, StoredRecord>();
  const overwrittenByNumber = new Map<number, StoredRecord>();

  function forget(number: number, attempt: Promise<unknown>): void {
    const attempts = attemptsByNumber.get(number);
    attempts?.delete(attempt);
    if (attempts?.size !== 0) return;
    attemptsByNumber.delete(number);
    newestByNumber.delete(number);
  }

  return {
    issued(number, record) {
      if (attemptsByNumber.has(number)) newestByNumber.set(number, record);
      overwrittenByNumber.delete(number);
    },
    outlived(number, record, attempt) {
      const attempts = attemptsByNumber.get(number) ?? new Set();
      attemptsByNumber.set(number, attempts.add(attempt));
      attempt.then(
        () => {
          const newest = newestByNumber.get(number);
          if (newest !== undefined && newest !== record) overwrittenByNumber.set(number, newest);
          forget(number, attempt);
          onLanded();
        },
        () => forget(number, attempt),
      );
    },
    owe(number, record) {
      overwrittenByNumber.set(number, record);
    },
    take(position) {
      for (const [number, record] of overwrittenByNumber) {
        if (number > position) continue;
        overwrittenByNumber.delete(number);
        return { number, record };
      }
      return null;
    },
  };
}
