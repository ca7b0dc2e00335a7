import { closedError } from '../core/closed-error.ts';
import { SyncError } from '../core/errors.ts';
import type { BackOff } from './back-off.ts';
import { createGroupQueue, type SealedGroup } from './group-queue.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalHooks } from './hooks.ts';
import { createLateWrites } from './late-writes.ts';
import type { RecordCodec, StoredRecord } from './record-codec.ts';

/** The answer to an append. */
export interface Appended {
  /** The segment that the entries will be stored as, unless a rollback moves them. */
  readonly group: number;
  /** Resolves when the entries are stored; rejects with `storage-failed` when they were dropped. Never unhandled. */
  readonly durable: Promise<void>;
}

/** Writes one writer's segments, one after the other: whatever is appended during a write shares the next one. */
export interface SegmentWriter<E> {
  /** The last stored segment. */
  readonly position: number;
  /** Entries of one call are never parted. Throws `closed` after close. */
  append(entries: readonly E[]): Appended;
  /** Tries at once, and resolves when everything appended so far is stored or dropped. */
  flush(): Promise<void>;
  /**
   * Another writer has taken over: what is not stored is given up, and the writer goes on with the next segment. The returned
   * function is to be called with the last segment that the other one has read: what was stored up to there is stored, and local
   * writes after that end as `redone` does.
   */
  abandon(): (lastRead: number, redone: Promise<void>) => void;
  /** Writes what is there, giving up at the first failure. No timer is left. */
  close(): Promise<void>;
}

export interface SegmentWriterOptions<E> {
  /** The last segment that is stored already. */
  readonly position: number;
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly backOff: BackOff;
  readonly hooks: JournalHooks<E>;
  key(number: number): string;
  /** What the writer has to look at before it says that something is stored; null: nothing. */
  fence?(): Fence | null;
  /** Another writer has taken over: nothing is stored until the queue is given up. */
  isOverruled?(): boolean;
  isLocalWrite(entry: E): boolean;
  /** What each segment begins with that is stored now. */
  heading?: (() => readonly E[]) | undefined;
  /** A segment of this many characters or bytes was stored. */
  grew(size: number): void;
}

/** Tells a writer that another one has taken over: by the keys that are there once it has stored something (S30). */
export interface Fence {
  /** What the keys to look at begin with. */
  readonly prefix: string;
  /** Whether the writer may still say that it has stored something. */
  holds(keys: readonly string[]): boolean;
}

interface Stored {
  readonly record: StoredRecord;
  readonly isTakenOver: boolean;
}

interface Task {
  readonly number: number;
  record(key: string): Promise<StoredRecord>;
  done(record: StoredRecord): void;
  failed(error: SyncError): unknown;
  /** Another writer has taken over before it was tried again. */
  left(): void;
}

/** A writer that starts with the segment after `options.position`. */
export function createSegmentWriter<E>(options: SegmentWriterOptions<E>): SegmentWriter<E> {
  const { storage, codec, backOff, hooks } = options;
  const queue = createGroupQueue<E>(options.isLocalWrite, options.heading);
  const late = createLateWrites(wake);
  let mode: 'idle' | 'scheduled' | 'writing' | 'waiting' | 'closed' = 'idle';
  let position = options.position;
  /** A group is on its way to the storage. */
  let isWriting = false;
  /** It was abandoned meanwhile: its number is used up, and nobody waits for it. */
  let isAbandoned = false;
  /** What failed to be the next segment may be there all the same, and be read by others. */
  let isSpoilt = false;
  /** The last segment that another one, which has taken over, goes by: none up to it changes any more. */
  let countedTo = 0;
  const abandoned: { readonly number: number; settle(error: unknown): void }[] = [];
  let run: Promise<void> = Promise.resolve();
  let closing: Promise<void> | null = null;

  function wake(): void {
    if (mode !== 'idle' && mode !== 'waiting') return;
    backOff.cancel();
    mode = 'scheduled';
    run = Promise.resolve().then(work);
  }

  async function work(): Promise<void> {
    mode = 'writing';
    for (let task = nextTask(); task !== null; task = nextTask()) {
      const result = await attempt(task);
      if (result === 'left') {
        task.left();
        continue;
      }
      if (result instanceof SyncError) {
        task.failed(result);
        rollBack(result);
        return;
      }
      if (result.isTakenOver) depose();
      task.done(result.record);
      noteSuccess();
    }
    mode = 'idle';
  }

  function nextTask(): Task | null {
    if (options.isOverruled?.()) return null;
    const overwritten = late.take(position);
    if (overwritten !== null) return rewriting(overwritten.number, overwritten.record);
    const group = queue.seal();
    if (group === null) return null;
    const task = writing(position + 1, group);
    const isCounted = isSpoilt && task.number <= countedTo;
    if (!isCounted) return task;
    task.done('');
    return nextTask();
  }

  function rewriting(number: number, record: StoredRecord): Task {
    return {
      number,
      record: () => Promise.resolve(record),
      done: () => undefined,
      failed: () => late.owe(number, record),
      left: () => undefined,
    };
  }

  function writing(number: number, { json, stored }: SealedGroup): Task {
    isWriting = true;
    return {
      number,
      record: (key) => codec.encode('segment', key, json),
      done(record) {
        position = number;
        isSpoilt = false;
        if (wroteForNobody()) return;
        stored();
        hooks.stored(number);
        options.grew(record.length);
      },
      failed() {
        wroteForNobody();
        isSpoilt = true;
      },
      left() {
        if (wroteForNobody()) queue.blank();
        else depose();
      },
    };
  }

  /** The group on its way has got there, or has not. */
  function wroteForNobody(): boolean {
    const wasAbandoned = isAbandoned;
    isWriting = false;
    isAbandoned = false;
    return wasAbandoned;
  }

  async function attempt(task: Task): Promise<Stored | SyncError | 'left'> {
    const key = options.key(task.number);
    try {
      if (isSpoilt && task.number > position && (await wasTakenOver())) return 'left';
      const record = await task.record(key);
      late.issued(task.number, record);
      return { record, isTakenOver: !(await store(task.number, key, record)) };
    } catch (error) {
      if (error instanceof SyncError) return error;
      throw error;
    }
  }

  /** What could not be stored may be there all the same, and be what the other one goes by: it is not replaced then (S30). */
  async function wasTakenOver(): Promise<boolean> {
    const fence = options.fence?.() ?? null;
    return fence !== null && !fence.holds(await storage.keys());
  }

  /** Resolves with whether the writer may say that it is stored. */
  async function store(number: number, key: string, record: StoredRecord): Promise<boolean> {
    const outlived = (outliving: Promise<unknown>) => late.outlived(number, record, outliving);
    const fence = options.fence?.() ?? null;
    if (fence !== null) return fence.holds(await storage.setAndList(key, record, fence.prefix, outlived));
    await storage.set(key, record, outlived);
    return true;
  }

  /** Gives up what is in the queue. What is on its way may get there, but nothing after it. */
  function abandon(): void {
    const isUnderWay = isWriting && !isAbandoned;
    const underWay = isUnderWay && queue.length > 0 ? position + 1 : null;
    isAbandoned ||= isUnderWay;
    queue.abandon().forEach((settle, index) => {
      abandoned.push({ number: index === 0 && underWay !== null ? underWay : Infinity, settle });
    });
    if (isSpoilt && !isWriting) queue.blank();
    hooks.abandoned?.(underWay);
  }

  function depose(): void {
    abandon();
    hooks.deposed?.();
  }

  function settleAbandoned(lastRead: number, redone: Promise<void>): void {
    countedTo = lastRead;
    for (const { number, settle } of abandoned.splice(0)) {
      if (number <= lastRead) settle(null);
      else redone.then(() => settle(null), settle);
    }
  }

  function noteSuccess(): void {
    if (backOff.failures === 0) return;
    backOff.succeeded();
    hooks.recovered?.();
  }

  function rollBack(error: SyncError): void {
    const { groups, kept, dropped, retell, reject } = queue.rollBack();
    const isNews = backOff.failures === 0 || dropped.length > 0;
    backOff.failed();
    mode = 'waiting';
    if (closing === null) backOff.arm(wake);
    if (dropped.length > 0 || groups > 1) retell(hooks.rolledBack(kept, dropped, position + 1));
    if (isNews) hooks.failed(error);
    reject(error);
  }

  async function finish(): Promise<void> {
    backOff.cancel();
    if (queue.length > 0) wake();
    await run;
    mode = 'closed';
  }

  return {
    get position() {
      return position;
    },
    append(entries) {
      if (closing !== null) throw closedError();
      const { index, durable } = queue.append(entries);
      wake();
      return { group: position + (isAbandoned ? 2 : 1) + index, durable };
    },
    flush() {
      if (queue.length > 0) wake();
      return queue.settled();
    },
    abandon() {
      abandon();
      return settleAbandoned;
    },
    close: () => (closing ??= finish()),
  };
}
