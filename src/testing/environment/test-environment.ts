import { Subject } from 'rxjs';
import type { Environment, LockPort, PageSignal, TabChannelPort } from '../../ports/environment.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { createTestLocks } from './test-locks.ts';
import { createTestTabs } from './test-tabs.ts';

/** What the tabs of one origin share. */
export interface TestOrigin {
  readonly locks: LockPort;
  readonly tabs: TabChannelPort;
}

/** What a test environment starts with. */
export interface TestEnvironmentOptions {
  /** Default: a clock of its own, at the beginning of 2026. */
  readonly clock?: VirtualClock;
  /** Uniform in [0, 1); default: seeded with `seed`. */
  readonly random?: () => number;
  /** Default 1. */
  readonly seed?: number;
  /** What the platform says of the network; default true. */
  readonly onLine?: boolean;
  /** Environments of one origin are its tabs; default: neither locks nor a tab channel. */
  readonly origin?: TestOrigin;
}

/** Everything that a service takes from the world, in the hand of the test. */
export interface TestEnvironment {
  /** For the option `environment` of `createSyncService`. */
  readonly environment: Environment;
  readonly clock: VirtualClock;
  /** What the platform says of the network from now on. */
  setOnLine(onLine: boolean): void;
  signalPage(signal: PageSignal): void;
}

/** Locks and a tab channel that nobody has yet. */
export function createTestOrigin(): TestOrigin {
  return { locks: createTestLocks(), tabs: createTestTabs() };
}

/**
 * A world in which nothing happens by itself: time stands still until the clock is told to move, and chance is repeatable.
 *
 * @example
 * const { environment, clock, setOnLine } = createTestEnvironment();
 * const sync = createSyncService(apiClient, { environment, storage: createPlannedStorage() });
 * setOnLine(false);
 * await clock.advance(60_000);
 */
export function createTestEnvironment(options: TestEnvironmentOptions = {}): TestEnvironment {
  const clock = options.clock ?? createVirtualClock();
  const random = options.random ?? createSeededRandom(options.seed ?? 1).next;
  const changes$ = new Subject<boolean>();
  const page$ = new Subject<PageSignal>();
  let onLine = options.onLine ?? true;

  return {
    environment: {
      clock,
      random,
      network: {
        get onLine() {
          return onLine;
        },
        changes$,
      },
      locks: options.origin?.locks ?? null,
      tabs: options.origin?.tabs ?? null,
      page$,
    },
    clock,
    setOnLine(is) {
      onLine = is;
      changes$.next(is);
    },
    signalPage: (signal) => page$.next(signal),
  };
}
