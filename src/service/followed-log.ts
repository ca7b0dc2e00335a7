import type { Journal } from '../journal/journal.ts';
import type { JournalEntry } from '../store/entry.ts';
import type { ReportStorage } from './storage-reports.ts';

/** A log, and the last segment of it that was read. */
export interface LogPosition {
  readonly writer: string;
  readonly number: number;
}

/** How far a tab that does not lead has read the log of the one that does. */
export interface FollowedLog {
  /** Somebody's log is followed. */
  readonly isKnown: boolean;
  /** What was recovered; null: nobody leads. */
  restart(position: LogPosition | null): void;
  /** Takes in the writer's log up to this segment; what cannot be read by itself is recovered with everything. Rejects with `storage-failed`. */
  readTo(writer: string, number: number): Promise<void>;
}

export interface FollowedLogParts {
  journal(): Pick<Journal<JournalEntry>, 'read'>;
  /** Reads everything stored, and restarts this. */
  recover(): Promise<unknown>;
  take(entries: readonly JournalEntry[]): void;
  readonly report: ReportStorage;
}

/** Follows nobody. */
export function createFollowedLog({ journal, recover, take, report }: FollowedLogParts): FollowedLog {
  let followed: LogPosition | null = null;

  return {
    get isKnown() {
      return followed !== null;
    },
    restart(position) {
      followed = position;
    },
    async readTo(writer, number) {
      if (followed?.writer !== writer) await report(recover);
      if (followed?.writer !== writer) return;
      for (let next = followed.number + 1; next <= number; next += 1) {
        const entries = await report(() => journal().read(writer, next));
        if (typeof entries === 'string') {
          await report(recover);
          return;
        }
        followed = { writer, number: next };
        take(entries);
      }
    },
  };
}
