import { SyncError } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { BackOff } from './back-off.ts';

/** Says when a checkpoint is due, and sees to it that there is one at a time. */
export interface CheckpointSchedule {
  /** Begins anew, with segments of these sizes that no page covers. `isDue`: a checkpoint is due however small they are. */
  restart(sizes: readonly number[], isDue: boolean): void;
  /** A segment of this size was stored. Each counts at least 1 KiB: many small ones are slow to read, too. */
  grew(size: number): void;
  /** A checkpoint is due whatever has grown. */
  demand(): void;
  /** This writer stores pages from now on: what has become due before is done. */
  lead(): void;
  /** One checkpoint, after those under way. Rejects with what it fails with. */
  run(): Promise<void>;
  /** Runs a task when none is under way that was given here before, nor a checkpoint, and holds those up that come after it. */
  alone<T>(task: () => Promise<T>): Promise<T>;
  /** Waits for the step under way. Leaves no timer. */
  close(): Promise<void>;
}

export interface CheckpointScheduleOptions {
  readonly clock: Clock;
  readonly backOff: BackOff;
  /** Size of the segments at which a checkpoint is due. */
  threshold(): number;
  write(): Promise<void>;
  /** Whether this writer stores pages: until it does, what is due is kept. */
  leads(): boolean;
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
  let due = { grown: 0, demands: 0 };
  let last: Promise<unknown> = Promise.resolve();

  function consider(): void {
    if (mode !== 'idle' || !options.leads() || (due.demands === 0 && due.grown < options.threshold())) return;
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

  function alone<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  }

  function run(): Promise<void> {
    return alone(async () => {
      const open = due;
      const { grown, demands } = open;
      await options.write();
      open.grown -= grown;
      open.demands -= demands;
    });
  }

  function grew(size: number): void {
    due.grown += Math.max(size, minSegmentSize);
    consider();
  }

  function demand(): void {
    due.demands += 1;
    consider();
  }

  return {
    restart(sizes, isDue) {
      due = { grown: 0, demands: 0 };
      for (const size of sizes) grew(size);
      if (isDue) demand();
    },
    grew,
    demand,
    lead: consider,
    run,
    alone,
    async close() {
      mode = 'closed';
      clock.clearTimeout(timer);
      backOff.cancel();
      await last;
    },
  };
}
