import type { BuiltInStrategy } from '../../src/core/conflict.ts';
import { noNetworkFaults, type NetworkFaults } from '../../src/testing/network/network-faults.ts';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';

/** What goes wrong in one run. Shares are 0 to 1 of the calls, frames or steps concerned. */
export interface FaultPlan extends NetworkFaults {
  /** Applied, then answered with something that is no answer. */
  readonly nonsense: number;
  /** Refused before anything is looked at: 5xx, 429. */
  readonly unavailable: number;
  readonly partitionsPerStep: number;
  readonly crashes: number;
  readonly storageErrors: number;
  /** Storage calls that take longer than a watchdog waits. */
  readonly storageStalls: number;
  readonly serverRestarts: number;
  readonly tokenExpiries: number;
  /** Of the writes: content that the backend does not accept. */
  readonly refused: number;
  /** Each client's clock is off by up to this. */
  readonly maxSkewMs: number;
}

/** What kind of backend and client meet in one run. */
export interface WorldShape {
  readonly clients: number;
  readonly versions: 'number' | 'string';
  readonly batch: boolean;
  readonly probe: boolean;
  readonly realTime: boolean;
  /** The backend adds a field of its own to every state. */
  readonly computedField: boolean;
  /** The feed gives patches instead of entities where it can. */
  readonly feedPatches: boolean;
  /** How many changes the feed reaches back. */
  readonly feedLength: number;
  readonly strategy: BuiltInStrategy;
  readonly order: 'entity' | 'global';
  readonly requestTimeoutMs: number;
  /** Entities that all clients write to. */
  readonly sharedEntities: number;
  readonly deletes: boolean;
}

/** Nothing goes wrong. */
export const noFaults: FaultPlan = {
  ...noNetworkFaults,
  nonsense: 0,
  unavailable: 0,
  partitionsPerStep: 0,
  crashes: 0,
  storageErrors: 0,
  storageStalls: 0,
  serverRestarts: 0,
  tokenExpiries: 0,
  refused: 0,
  maxSkewMs: 0,
};

/** Draws the faults of one run: each kind within its range, and off in some runs. */
export function drawFaultPlan(random: SeededRandom): FaultPlan {
  const upTo = (max: number): number => (random.chance(0.7) ? random.next() * max : 0);
  return {
    requestsLost: upTo(0.3),
    answersLost: upTo(0.3),
    doubled: upTo(0.5),
    silent: random.next(),
    maxDelayMs: 1 + random.int(5_000),
    framesLost: upTo(0.3),
    framesDoubled: upTo(0.3),
    nonsense: upTo(0.1),
    unavailable: upTo(0.1),
    partitionsPerStep: upTo(0.03),
    crashes: Math.round(upTo(5)),
    storageErrors: random.chance(0.4) ? random.next() * 0.1 : 0,
    storageStalls: random.chance(0.3) ? random.next() * 0.03 : 0,
    serverRestarts: Math.round(upTo(3)),
    tokenExpiries: Math.round(upTo(3)),
    refused: random.chance(0.5) ? random.next() * 0.03 : 0,
    maxSkewMs: upTo(48 * 3_600_000),
  };
}

/** Draws backend and clients of one run. */
export function drawWorldShape(random: SeededRandom, clients?: number): WorldShape {
  return {
    clients: clients ?? 2 + random.int(3),
    versions: random.chance(0.7) ? 'number' : 'string',
    batch: random.chance(0.6),
    probe: random.chance(0.8),
    realTime: random.chance(0.7),
    computedField: random.chance(0.4),
    feedPatches: random.chance(0.5),
    feedLength: random.chance(0.3) ? 5 + random.int(20) : Infinity,
    strategy: random.chance(0.6) ? 'merge' : random.pick(['client-wins', 'server-wins', 'last-write-wins', 'manual']),
    order: random.chance(0.85) ? 'entity' : 'global',
    requestTimeoutMs: 4_000 + random.int(16_000),
    sharedEntities: 1 + random.int(6),
    deletes: random.chance(0.7),
  };
}
