import { Observable } from 'rxjs';
import type { Clock } from '../../../src/ports/environment.ts';

/**
 * One run of a client's program. Everything that the world tells it passes through `deliver`, so that a killed one never
 * does anything again and a frozen one does it later.
 */
export interface VirtualProcess {
  /** `c1/2`: the second life of client c1. */
  readonly name: string;
  readonly clock: Clock;
  readonly isAlive: boolean;
  deliver(tell: () => void): void;
  /** The same stream for this process only; its subscriptions count as open. */
  watch<T>(source$: Observable<T>): Observable<T>;
  /** Counts something open (a socket, a subscription). Returns its end, which is idempotent. */
  hold(): () => void;
  kill(): void;
  /** Calls `end` when the process is killed. Returns what takes that back. */
  onKilled(end: () => void): () => void;
  freeze(): void;
  readonly isFrozen: boolean;
  /** How often it was frozen. */
  readonly stops: number;
  /** It is told what it missed, in that order, before anything newer. */
  thaw(): void;
  /** Timers, sockets and listeners that are open. */
  readonly open: { readonly timers: number; readonly holds: number };
}

/** `aheadMs`: how far its clock is ahead of the world's, now. */
export function createProcess(name: string, worldClock: Clock, aheadMs: () => number = () => 0): VirtualProcess {
  let isAlive = true;
  let isFrozen = false;
  let isCatchingUp = false;
  let holds = 0;
  let stops = 0;
  const missed: (() => void)[] = [];
  const timers = new Set<unknown>();
  const ends = new Set<() => void>();

  const deliver = (tell: () => void): void => {
    if (!isAlive) return;
    if (isFrozen || isCatchingUp) missed.push(tell);
    else tell();
  };
  const catchUp = (): void => {
    if (isFrozen || !isAlive) isCatchingUp = false;
    if (!isCatchingUp) return;
    missed.shift()?.();
    isCatchingUp = missed.length > 0;
    if (isCatchingUp) worldClock.setTimeout(catchUp, 0);
  };
  const setTimeout = (fn: () => void, ms: number): unknown => {
    const id = worldClock.setTimeout(() => {
      deliver(() => {
        if (timers.delete(id)) fn();
      });
    }, ms);
    timers.add(id);
    return id;
  };
  const clearTimeout = (id: unknown): void => {
    timers.delete(id);
    worldClock.clearTimeout(id);
  };
  const hold = (): (() => void) => {
    let isOpen = true;
    holds += 1;
    return () => {
      if (isOpen) holds -= 1;
      isOpen = false;
    };
  };

  return {
    name,
    clock: { now: () => worldClock.now() + aheadMs(), setTimeout, clearTimeout },
    get isAlive() {
      return isAlive;
    },
    deliver,
    watch: (source$) =>
      new Observable((subscriber) => {
        const release = hold();
        const subscription = source$.subscribe((value) => {
          deliver(() => {
            subscriber.next(value);
          });
        });
        return () => {
          release();
          subscription.unsubscribe();
        };
      }),
    hold,
    kill() {
      isAlive = false;
      for (const id of timers) worldClock.clearTimeout(id);
      timers.clear();
      for (const end of ends) end();
      ends.clear();
    },
    onKilled(end) {
      ends.add(end);
      return () => ends.delete(end);
    },
    freeze() {
      isFrozen = true;
      stops += 1;
    },
    get isFrozen() {
      return isFrozen;
    },
    get stops() {
      return stops;
    },
    thaw() {
      if (!isFrozen) return;
      isFrozen = false;
      if (isCatchingUp) return;
      isCatchingUp = missed.length > 0;
      if (isCatchingUp) worldClock.setTimeout(catchUp, 0);
    },
    get open() {
      return { timers: timers.size, holds };
    },
  };
}
