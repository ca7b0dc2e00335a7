import { SyncError } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { BackOff } from './back-off.ts';

/** Says when a checkpoint is due, and sees to it that there is one at a time. */
export interface CheckpointSchedule {
  /** A segment of this size was stored. Each counts at least 1 KiB: many small ones are slow to read, too. */
  grew(size: number): void;
  /** A checkpoint is due whatever has grown. */
  demand(): void;
  /** One checkpoint, after those under way. Rejects with what it fails with. */
  run(): Promise<void>;
  /** Waits for the step under way. Leaves no timer. */
  close(): Promise<void>;
}

export interface CheckpointScheduleOptions {
  readonly clock: Clock;
  readonly backOff: BackOff;
  /** Size of the segments at which a checkpoint is due. */
  threshold(): number;
  write(): Promise<void>;
  /** A checkpoint that nobody asked for failed for the first time in a row; it is tried again. */
  failed(error: SyncError): void;
  /** One succeeded after `failed`. */
  recovered(): void;
}

const minSegmentSize = 1024;

/** A schedule that has seen nothing grow. */
export function createCheckpointSchedule(options: CheckpointScheduleOptions): CheckpointSchedule {
  const { clock, backOff } = options;
  let mode: 'idle' | 'due' | 'writing' | 'backingOff' | 'closed' = 'idle';
  let timer: unknown = null;
  let grown = 0;
  let demands = 0;
  let last: Promise<void> = Promise.resolve();

  function consider(): void {
    if (mode !== 'idle' || (demands === 0 && grown < options.threshold())) return;
    mode = 'due';
    timer = clock.setTimeout(writeInBackground, 0);
  }

  function writeInBackground(): void {
    mode = 'writing';
    run().then(
      () => {
        if (mode === 'closed') return;
        mode = 'idle';
        noteSuccess();
        consider();
      },
      (error: unknown) => {
        if (mode === 'closed') return;
        if (!(error instanceof SyncError)) throw error;
        mode = 'backingOff';
        noteFailure(error);
      },
    );
  }

  function noteSuccess(): void {
    if (backOff.failures === 0) return;
    backOff.succeeded();
    options.recovered();
  }

  function noteFailure(error: SyncError): void {
    backOff.failed();
    backOff.arm(writeInBackground);
    if (backOff.failures === 1) options.failed(error);
  }

  function run(): Promise<void> {
    const result = last.then(async () => {
      const before = { grown, demands };
      await options.write();
      grown -= before.grown;
      demands -= before.demands;
    });
    last = result.catch(() => undefined);
    return result;
  }

  return {
    grew(size) {
      grown += Math.max(size, minSegmentSize);
      consider();
    },
    demand() {
      demands += 1;
      consider();
    },
    run,
    async close() {
      mode = 'closed';
      clock.clearTimeout(timer);
      backOff.cancel();
      await last;
    },
  };
}
