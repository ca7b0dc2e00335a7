import { SyncError } from '../core/errors.ts';
import type { JournalEntry } from './entry.ts';
import type { EntityChange, FeedPosition } from './replica.ts';

/** What is committed while a batch is open: recorded whole, or taken back whole (S46). */
export interface Batch {
  readonly entries: JournalEntry[];
  readonly changes: EntityChange[];
  readonly feedBefore: FeedPosition;
  /** Of the whole batch. Never unhandled. */
  readonly durable: Promise<void>;
  recorded(durable: Promise<void>): void;
  takenBack(): void;
}

/** A batch that holds nothing yet. */
export function openBatch(feedBefore: FeedPosition): Batch {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const durable = new Promise<void>((onResolved, onRejected) => {
    resolve = onResolved;
    reject = onRejected;
  });
  durable.catch(() => undefined);
  return {
    entries: [],
    changes: [],
    feedBefore,
    durable,
    recorded: (stored) => void stored.then(resolve, reject),
    takenBack: () => reject(new SyncError('aborted', 'The batch threw: nothing of it was written.')),
  };
}
