import type { Clock } from '../ports/environment.ts';

/**
 * Time that moves only when told to. Timers due at the same instant run in the order in which they were set; more than
 * 100,000 of them are taken for a loop and end the run with an error.
 */
export interface VirtualClock extends Clock {
  /** Runs everything due within the next `ms` milliseconds, and all promise callbacks between. Rejects with what a timer throws. */
  advance(ms: number): Promise<void>;
  /** Advances from timer to timer until `predicate` holds. Rejects when it does not within `limitMs`. */
  runUntil(predicate: () => boolean, limitMs: number): Promise<void>;
  /** Timers that are set and have not run. */
  pending(): number;
}

interface Timer {
  readonly at: number;
  readonly id: number;
  readonly fn: () => void;
}

/** A turn of the event loop, which runs all promise callbacks. Taken while it is loaded: a test may take the timers away later. */
const nextTurn: (turn: () => void) => unknown =
  (globalThis as { setImmediate?: (turn: () => void) => unknown }).setImmediate ??
  globalThis.setTimeout.bind(globalThis);

const mostPerInstant = 100_000;

/** Resolves when every promise callback that can run has run, however deep. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}

/**
 * A clock that starts at `startMs` (milliseconds since 1970 UTC).
 *
 * @example
 * const clock = createVirtualClock();
 * clock.setTimeout(() => console.log('an hour later'), 3_600_000);
 * await clock.advance(3_600_000); // takes no time
 */
export function createVirtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  const heap: Timer[] = [];
  const live = new Set<number>();
  let nowMs = startMs;
  let lastId = 0;
  let ranAtInstant = 0;

  const nextDueAt = (): number => {
    while (heap[0] !== undefined && !live.has(heap[0].id)) takeFirst(heap);
    return heap[0]?.at ?? Infinity;
  };
  const runNext = (): void => {
    const timer = takeFirst(heap);
    ranAtInstant = timer.at === nowMs ? ranAtInstant + 1 : 0;
    if (ranAtInstant > mostPerInstant)
      throw new Error(`Time stands still: over ${mostPerInstant} timers at one instant.`);
    nowMs = timer.at;
    live.delete(timer.id);
    timer.fn();
  };

  return {
    now: () => nowMs,
    setTimeout(fn, ms) {
      const delayMs = ms > 0 ? ms : 0;
      const timer = { at: nowMs + delayMs, id: ++lastId, fn };
      live.add(timer.id);
      insert(heap, timer);
      return timer.id;
    },
    clearTimeout(id) {
      live.delete(id as number);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      while (nextDueAt() <= untilMs) {
        runNext();
        await settle();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
    async runUntil(predicate, limitMs) {
      const untilMs = nowMs + limitMs;
      await settle();
      while (!predicate()) {
        if (nextDueAt() > untilMs) throw new Error(`Still not so after ${limitMs} ms; ${live.size} timers pending.`);
        runNext();
        await settle();
      }
    },
    pending: () => live.size,
  };
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}

function insert(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex] as Timer;
    if (!isEarlier(timer, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = timer;
}

function takeFirst(heap: Timer[]): Timer {
  const first = heap[0] as Timer;
  const last = heap.pop() as Timer;
  const size = heap.length;
  if (size === 0) return first;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    if (childIndex >= size) break;
    if (childIndex + 1 < size && isEarlier(heap[childIndex + 1] as Timer, heap[childIndex] as Timer)) childIndex += 1;
    const child = heap[childIndex] as Timer;
    if (!isEarlier(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
  return first;
}
