import type { Clock } from '../ports/environment.ts';
import { createBackOff } from './back-off.ts';
import { createCheckpoint } from './checkpoint.ts';
import { createCheckpointSchedule } from './checkpoint-schedule.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalHooks } from './hooks.ts';
import type { JournalKeys } from './keys.ts';
import { createPacer } from './pacer.ts';
import type { PageSource } from './page-source.ts';
import type { RecordCodec } from './record-codec.ts';
import type { Recovered } from './recovery.ts';
import { createSegmentWriter } from './segment-writer.ts';
import type { Appended, Fence } from './segment-writer.ts';

/** A journal after recovery: its writer and its checkpoints. */
export interface OpenJournal<E> {
  readonly position: number;
  append(entries: readonly E[]): Appended;
  flush(): Promise<void>;
  checkpoint(): Promise<void>;
  verify(): Promise<boolean>;
  /** Resolves when no checkpoint is under way. */
  settled(): Promise<void>;
  /** Goes on from what was recovered anew, by others, too. To be called while no checkpoint is under way. */
  rebase(recovered: Recovered): void;
  /** This writer stores pages from now on. */
  lead(): void;
  include(writer: string, number: number): void;
  /** Another writer has taken over: what is not stored is given up. See `SegmentWriter`. */
  abandon(): (lastRead: number, redone: Promise<void>) => void;
  /** Stores what is left and ends a checkpoint under way. Leaves no timer of its own. */
  close(): Promise<void>;
}

export interface OpenJournalOptions<E> {
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly names: JournalKeys;
  readonly recovered: Recovered;
  readonly writer: string;
  /** Null: this writer does not lead, and stores no pages. */
  epoch(): number | null;
  readonly hasClaimed: boolean;
  /** Null: this writer does not lead others. */
  fence(): Fence | null;
  /** Another writer has taken over: nothing is stored until `abandon`. */
  isOverruled(): boolean;
  /** A checkpoint has found that another writer has taken over. */
  onBeaten(): void;
  readonly clock: Clock;
  random(): number;
  readonly checkpointBytes?: number | undefined;
  isLocalWrite(entry: E): boolean;
  readonly heading?: (() => readonly E[]) | undefined;
  readonly pages: PageSource;
  readonly hooks: JournalHooks<E>;
}

const minThreshold = 1 << 20;

/** Continues after what was recovered. */
export function openJournal<E>(options: OpenJournalOptions<E>): OpenJournal<E> {
  const { storage, codec, names, recovered, writer: name, clock, hooks } = options;
  const pacer = createPacer(clock);
  const checkpoint = createCheckpoint({
    storage,
    codec,
    names,
    pacer,
    writer: name,
    epoch: options.epoch,
    hasClaimed: options.hasClaimed,
    source: options.pages,
    recovered,
    lastSegment: () => writer.position,
    onLost() {
      hooks.lost?.();
      schedule.demand();
    },
    onOvertaken() {
      hooks.overtaken?.();
      schedule.demand();
    },
    onBeaten: options.onBeaten,
  });
  const schedule = createCheckpointSchedule({
    clock,
    backOff: createBackOff(clock, options.random),
    threshold: () => options.checkpointBytes ?? Math.max(minThreshold, checkpoint.pagesSize / 2),
    write: checkpoint.write,
    leads: () => options.epoch() !== null,
    failed: hooks.failed,
    recovered: () => hooks.recovered?.(),
  });
  const writer = createSegmentWriter<E>({
    position: recovered.position[name] ?? 0,
    storage,
    codec,
    backOff: createBackOff(clock, options.random),
    hooks,
    key: (number) => names.segment(name, number),
    fence: options.fence,
    isOverruled: options.isOverruled,
    isLocalWrite: options.isLocalWrite,
    heading: options.heading,
    grew: schedule.grew,
  });
  schedule.restart(recovered.replayed, recovered.isCheckpointDue);

  return {
    get position() {
      return writer.position;
    },
    append: writer.append,
    flush: writer.flush,
    checkpoint: schedule.run,
    verify: () => schedule.alone(checkpoint.verify),
    settled: () => schedule.alone(() => Promise.resolve()),
    rebase(next) {
      checkpoint.rebase(next);
      schedule.restart(next.replayed, next.isCheckpointDue);
    },
    lead: schedule.lead,
    include: checkpoint.include,
    abandon: writer.abandon,
    async close() {
      await writer.close();
      pacer.close();
      await schedule.close();
    },
  };
}
