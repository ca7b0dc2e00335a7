/** What the memory of an origin has to know of a tab: how to tell it something, and when it is gone. */
export interface TabLife {
  /** False: it was killed. */
  readonly isAlive: boolean;
  /** Tells it now, later when it is frozen, never when it is gone. */
  deliver(tell: () => void): void;
  /** Calls `end` when the tab is killed. Returns what takes that back. */
  onKilled(end: () => void): () => void;
}

/** One tab, in the hand of the test. */
export interface MemoryTab extends TabLife {
  /** From now on it is told nothing, and keeps what it has. */
  freeze(): void;
  /** It is told what it missed, in that order. */
  thaw(): void;
  /** It is gone from one moment to the next: it is never told anything again, and the platform takes back what it had. */
  kill(): void;
}

/** A tab that was just opened. */
export function createMemoryTab(): MemoryTab {
  const ends = new Set<() => void>();
  let isAlive = true;
  let missed: (() => void)[] | null = null;
  const deliver = (tell: () => void): void => {
    if (!isAlive) return;
    if (missed) missed.push(tell);
    else tell();
  };
  return {
    get isAlive() {
      return isAlive;
    },
    deliver,
    onKilled(end) {
      ends.add(end);
      return () => ends.delete(end);
    },
    freeze() {
      missed ??= [];
    },
    thaw() {
      const told = missed ?? [];
      missed = null;
      for (const tell of told) deliver(tell);
    },
    kill() {
      isAlive = false;
      for (const end of ends) end();
      ends.clear();
    },
  };
}
