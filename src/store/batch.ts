import { abortedBatch } from '../core/aborted-errors.ts';
import { createDeferred } from '../core/deferred.ts';
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
function openBatch(feedBefore: FeedPosition): Batch {
  const { promise, resolve, reject } = createDeferred();
  return {
    entries: [],
    changes: [],
    feedBefore,
    durable: promise,
    recorded: (stored) => void stored.then(resolve, reject),
    takenBack: () => reject(abortedBatch()),
  };
}

/** At most one batch at a time: what is committed inside of another belongs to it. */
export interface Batching {
  readonly open: Batch | null;
  /** Opens a batch around `run`, and closes it: whole, unless `run` throws. */
  together<R>(run: () => R): R;
}

/** `close`: what becomes of a batch. */
export function createBatching(feed: () => FeedPosition, close: (batch: Batch, isWhole: boolean) => void): Batching {
  let open: Batch | null = null;
  return {
    get open() {
      return open;
    },
    together(run) {
      if (open) return run();
      const batch = (open = openBatch(feed()));
      let isWhole = false;
      try {
        const result = run();
        isWhole = true;
        return result;
      } finally {
        open = null;
        close(batch, isWhole);
      }
    },
  };
}
