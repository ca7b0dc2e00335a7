import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { HearEpoch } from '../actors/life.ts';
import type { JournalEntry } from '../store/entry.ts';
import type { Replica } from '../store/replica.ts';

/** The lives of the server's data: which one is known, and which one has begun (S39). */
export interface Epochs {
  /** Takes note of an epoch that has begun. */
  readonly hear: HearEpoch;
  /** The backend refused the known epoch; null: it did not say which one it is in. */
  note(epoch: string | null): void;
  /** The same of a write: makes it known. */
  changed(epoch: string | null): void;
  /** Makes the new life a fact: cursors and versions of the old one are void. */
  readonly reset: PromiseActorLogic<void>;
}

export interface EpochParts {
  readonly replica: Replica;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** A new life has begun. */
  begun(epoch: string | null): void;
  report(): void;
}

export function createEpochs({ replica, commit, begun, report }: EpochParts): Epochs {
  let next: string | null = null;
  return {
    hear(asked, told) {
      const known = replica.feed.epoch;
      if (told === null) return asked === null || asked === known ? 'known' : 'unsure';
      if (told === known) return 'known';
      if (asked !== known) return 'unsure';
      if (known === null) {
        void commit([{ type: 'epoch', epoch: told, reset: false }]);
        return 'known';
      }
      next = told;
      return 'new';
    },
    note(epoch) {
      next = epoch;
    },
    changed(epoch) {
      next = epoch;
      report();
    },
    reset: fromPromise<void>(async () => {
      const epoch = next;
      if (epoch !== null && epoch === replica.feed.epoch) return;
      begun(epoch);
      void commit([{ type: 'epoch', epoch, reset: true }]);
    }),
  };
}
