import { Subject } from 'rxjs';
import type { Clock, Environment, PageSignal } from '../../ports/environment.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { createMemoryLocks, type MemoryLocks } from './memory-locks.ts';
import {
  createMemoryTabChannels,
  type MemoryTabChannels,
  type MemoryTabChannelsOptions,
} from './memory-tab-channels.ts';
import { createMemoryTab, type MemoryTab } from './memory-tab.ts';

/** What the tabs of one origin share. */
export interface TestOrigin {
  readonly locks: MemoryLocks;
  readonly channels: MemoryTabChannels;
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
  /** This environment's tab of its origin: it can be frozen, thawed and killed, as far as locks and channels go. */
  readonly tab: MemoryTab;
  signalPage(signal: PageSignal): void;
}

/**
 * Locks and channels that nobody has yet.
 *
 * @example
 * const clock = createVirtualClock();
 * const origin = createTestOrigin(clock);
 * const [here, there] = [createTestEnvironment({ clock, origin }), createTestEnvironment({ clock, origin })];
 * here.tab.kill(); // what it held is free, and it is told nothing any more
 */
export function createTestOrigin(clock: Clock, options: MemoryTabChannelsOptions = {}): TestOrigin {
  return { locks: createMemoryLocks(), channels: createMemoryTabChannels(clock, options) };
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
  const tab = createMemoryTab();
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
      locks: options.origin?.locks.of(tab) ?? null,
      tabs: options.origin?.channels.of(tab) ?? null,
      page$,
    },
    clock,
    tab,
    setOnLine(is) {
      onLine = is;
      changes$.next(is);
    },
    signalPage: (signal) => page$.next(signal),
  };
}
