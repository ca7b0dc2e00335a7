import { clampStamp, readStamp, type Stamp, writeStamp } from './stamp.ts';

export { parseStamp } from './stamp.ts';

/**
 * A hybrid logical clock (Kulkarni et al. 2014): every stamp is later than all it gave and all it received, whatever the
 * wall clock does.
 */
export interface HybridClock {
  /** The next stamp, `YYYY-MM-DDTHH:mm:ss.sssCCCCZ`. Stamps sort as texts. */
  tick(): string;
  /**
   * Makes later stamps later than this one. A stamp more than 5 minutes ahead of the estimated server time, or one that
   * is no time, is ignored (S6).
   */
  receive(stamp: string): void;
  /** The latest stamp given, received or restored; null before the first. */
  current(): string | null;
  /** As {@link HybridClock.receive} for a stamp of this clock that was kept: it counts however far ahead it is. */
  restore(stamp: string): void;
}

/** What a clock reads its time from. */
export interface HybridClockOptions {
  /** Milliseconds since 1970. May jump and stand still. */
  now(): number;
  /** What has to be added to `now()` for the server's time; null while it is not known, which counts as 0. */
  serverOffsetMs?(): number | null;
}

const maxCounter = 9_999;
const latestMs = Date.UTC(9998, 11, 31);

function isLater(a: Stamp, b: Stamp): boolean {
  return a.ms > b.ms || (a.ms === b.ms && a.counter > b.counter);
}

function successor({ ms, counter }: Stamp): Stamp {
  return counter < maxCounter ? { ms, counter: counter + 1 } : { ms: ms + 1, counter: 0 };
}

/** Creates a clock that has given nothing yet. */
export function createHybridClock(options: HybridClockOptions): HybridClock {
  let latest: Stamp | null = null;
  /** `latest` is not before it: told again, it says nothing. */
  let lastTaken = '';

  const wallMs = (): number => {
    const ms = Math.floor(options.now());
    return ms > 0 ? Math.min(ms, latestMs) : 0;
  };
  const advance = (stamp: Stamp | null): void => {
    if (stamp === null || stamp.ms < 0 || stamp.ms > latestMs) return;
    if (latest === null || isLater(stamp, latest)) latest = stamp;
  };

  return {
    tick() {
      const wall: Stamp = { ms: wallMs(), counter: 0 };
      latest = latest === null || isLater(wall, latest) ? wall : successor(latest);
      return writeStamp(latest);
    },
    receive(text) {
      if (text === lastTaken) return;
      const stamp = readStamp(text);
      const serverNowMs = options.now() + (options.serverOffsetMs?.() ?? 0);
      if (stamp === null || clampStamp(stamp.ms, serverNowMs) !== stamp.ms) return;
      advance(stamp);
      lastTaken = text;
    },
    current: () => (latest === null ? null : writeStamp(latest)),
    restore: (text) => advance(readStamp(text)),
  };
}
