import type { ConflictRecord } from '../core/conflict.ts';
import type { EntityState } from './entity-state.ts';
import type { JournalEntry } from './entry.ts';
import type { Redaction } from './redact.ts';

/** Sees in what was stored what must not be stored any more: a field was excluded since (S32). */
export interface Exposure {
  entry(entry: JournalEntry): boolean;
  state(collection: string, state: EntityState): boolean;
  record(record: ConflictRecord): boolean;
}

/** `redaction`: what is cut out now. */
export function createExposure(redaction: Redaction): Exposure {
  return {
    entry: (entry) => differs(entry, redaction.entry(entry)),
    state(collection, state) {
      const cut = redaction.state(collection, state);
      return cut.base !== state.base || differs(state.work, cut.work);
    },
    record: (record) => differs(record, redaction.record(record)),
  };
}

function differs(stored: unknown, cut: unknown): boolean {
  return stored !== cut && JSON.stringify(stored) !== JSON.stringify(cut);
}
