import { Subject, type Observable } from 'rxjs';
import { createSteadyClock } from '../core/steady-clock.ts';
import { SyncError } from '../core/errors.ts';
import type { Clock, LockPort } from '../ports/environment.ts';

/** Which of the tabs of one name and user leads, as far as this one can know. */
export interface Election {
  /** Stands for leader from now on. Resolves as soon as the first outcome is clear, within 300 ms. */
  stand(): Promise<'leader' | 'follower'>;
  /** There are no other tabs: this one leads from now on. */
  appoint(): void;
  /** True: elected. False: no longer. */
  readonly elected$: Observable<boolean>;
  readonly isElected: boolean;
  /** Resolves with the next sign of life of a leader, or when this tab is elected, or closes. */
  untilSign(): Promise<void>;
  /** A sign of life of a leader. */
  heard(leader: { readonly epoch: number; readonly from: string }): void;
  /** The leader says that it ends. */
  ended(): void;
  /** This tab leads in that epoch. */
  leads(epoch: number): void;
  /** Gives the reign up, and stands again, behind those that wait. */
  resign(): void;
  /** Gives the reign up, and stands no more. */
  retire(): void;
  /** A tab is about to lead, and takes its time. */
  answered(): void;
  close(): void;
}

export interface ElectionParts {
  /** Null, or refusing with `unsupported`: tabs agree by messages alone, which two of them may do at once (S30 keeps that harmless). */
  readonly locks: LockPort | null;
  readonly clock: Clock;
  /** The name of the lock. */
  readonly name: string;
  readonly self: string;
  /** Asks whether a leader is there. */
  ping(): void;
  /** Uniform in [0, 1). */
  random(): number;
}

const decisionMs = 300;
/** A leader that answers none of three pings is frozen: its lock is taken from it. Jittered, so that not all tabs do so at once. */
const pingMs = 2_000;
const toleratedPings = 3;
/** A leader that was heard of so lately, and has not said that it ends, is asked before its lock is believed to be free. */
const livelyMs = 10_000;
const answerMs = 500;

/** An election in which this tab does not stand yet. */
export function createElection({ locks, clock: wallClock, name, self, ping, random }: ElectionParts): Election {
  const clock = createSteadyClock(wallClock);
  const elected$ = new Subject<boolean>();
  let mode: 'out' | 'standing' | 'elected' = 'out';
  let port = locks;
  let isInLine = false;
  let ownEpoch = 0;
  let unanswered = 0;
  let isAnswered = false;
  let leaderHeardAt = -Infinity;
  let timer: unknown = null;
  let withdraw: () => void = () => undefined;
  const signs: (() => void)[] = [];
  let decide: (role: 'leader' | 'follower') => void = () => undefined;

  function tellSigns(): void {
    for (const told of signs.splice(0)) told();
  }

  function elect(): void {
    if (mode !== 'standing') return;
    mode = 'elected';
    clock.clearTimeout(timer);
    decide('leader');
    elected$.next(true);
    tellSigns();
  }

  function lose(): void {
    if (mode !== 'elected') return;
    mode = 'standing';
    ownEpoch = 0;
    leaderHeardAt = clock.now();
    elected$.next(false);
    enter();
  }

  /** The lock is free, though nobody gave it back: a leader was killed, or the locks do not lock. */
  function electUnlessAnswered(): void {
    const grantedAt = clock.now();
    ping();
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => {
      if (leaderHeardAt < grantedAt) elect();
      else watch();
    }, answerMs);
  }

  /** Waits for the lock, and holds it until it is withdrawn or stolen. */
  function requestLock(from: LockPort, steal: boolean): void {
    const controller = new AbortController();
    let release: () => void = () => undefined;
    let isOver = false;
    withdraw();
    isInLine = true;
    withdraw = () => {
      isOver = true;
      controller.abort();
      release();
    };
    const held = () => {
      if (isOver) return Promise.resolve();
      if (!steal && clock.now() - leaderHeardAt < livelyMs) electUnlessAnswered();
      else elect();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const ended = (error?: unknown) => {
      if (isOver) return;
      isInLine = false;
      if (error instanceof SyncError && error.code === 'unsupported') port = null;
      lose();
    };
    from.request(name, { signal: controller.signal, ...(steal ? { steal } : {}) }, held).then(() => ended(), ended);
  }

  function enter(): void {
    unanswered = 0;
    if (port) requestLock(port, false);
    watch();
  }

  function watch(): void {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(
      () => {
        if (mode !== 'standing') return;
        if (unanswered >= toleratedPings) {
          unanswered = 0;
          if (port) requestLock(port, true);
          else elect();
        } else {
          unanswered += 1;
          ping();
          if (port && !isInLine) requestLock(port, false);
        }
        if (mode === 'standing') watch();
      },
      pingMs * (0.75 + random() / 2),
    );
  }

  return {
    elected$,
    get isElected() {
      return mode === 'elected';
    },
    appoint() {
      mode = 'elected';
      clock.clearTimeout(timer);
      withdraw();
    },
    stand() {
      mode = 'standing';
      isAnswered = false;
      const decided = new Promise<'leader' | 'follower'>((resolve) => {
        decide = resolve;
      });
      ping();
      enter();
      const first = clock.setTimeout(
        () => {
          if (!port && !isAnswered) elect();
          decide('follower');
        },
        decisionMs * (0.5 + random() / 2),
      );
      return decided.finally(() => clock.clearTimeout(first));
    },
    untilSign: () => new Promise<void>((resolve) => signs.push(resolve)),
    heard({ epoch, from }) {
      tellSigns();
      unanswered = 0;
      isAnswered = true;
      leaderHeardAt = clock.now();
      if (mode === 'standing') decide('follower');
      const isHigher = epoch > ownEpoch || (epoch === ownEpoch && from > self);
      if (mode !== 'elected' || ownEpoch === 0 || !isHigher) return;
      withdraw();
      lose();
    },
    ended() {
      leaderHeardAt = -Infinity;
    },
    leads(epoch) {
      ownEpoch = epoch;
    },
    resign() {
      if (mode !== 'elected') return;
      withdraw();
      lose();
    },
    retire() {
      const wasElected = mode === 'elected';
      mode = 'out';
      clock.clearTimeout(timer);
      withdraw();
      if (wasElected) elected$.next(false);
    },
    answered() {
      unanswered = 0;
    },
    close() {
      mode = 'out';
      tellSigns();
      clock.clearTimeout(timer);
      withdraw();
      decide('follower');
      elected$.complete();
    },
  };
}
