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
  /** Each device's clock is off by up to this. */
  readonly maxSkewMs: number;
  /** Times that a device's clock is set to another time, up to a week off. */
  readonly clockJumps: number;
  /** Times that the devices sleep, an hour to a week. */
  readonly sleeps: number;
  /** Of the steps: a tab is frozen for a while, where a device has several. */
  readonly freezesPerStep: number;
  /** Of the steps: a tab is closed, killed or killed for good, where a device has several. */
  readonly tabEndsPerStep: number;
  /** Of the messages between the tabs of a device. */
  readonly tabMessagesLost: number;
  readonly maxTabDelayMs: number;
  /** Of the frames of a socket: those behind them overtake them. Where the socket has frames. */
  readonly framesReordered: number;
  /** Of the lines that break: nobody is told of it. Where the socket has frames. */
  readonly linesSilenced: number;
  /** Times that the backend comes back with less data: what it lost, it may have acknowledged. */
  readonly serverRestores: number;
  /** If fewer were drawn, the rest is made up for in the second half of the run. */
  readonly leastFaults: number;
}

/** What the locks of a device are: there, missing, or broken for a while now and then. */
export type LockState = 'working' | 'missing' | 'breaking';

/** What a backend recognises a write by that it has done already. */
export type BackendKind = 'idempotent' | 'versioned' | 'plain';

/** What kind of backend and client meet in one run. */
export interface WorldShape {
  /** Devices, each with a disk and a link of its own. */
  readonly clients: number;
  /** Tabs of each device; one where nothing is said. */
  readonly tabs: readonly number[];
  readonly locks: LockState;
  readonly versions: 'number' | 'string';
  readonly batch: boolean;
  readonly probe: boolean;
  readonly realTime: boolean;
  /** What a socket carries: messages that tell of what was lost, or numbered frames of which that has to be noticed. */
  readonly socket: 'messages' | 'frames';
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
  /** Whether it answers a repeat by its key, checks versions, or puts whatever comes last in the place of what is there. */
  readonly backend: BackendKind;
  /** Notes refer to tasks, and the backend takes no reference to a task that it does not have. */
  readonly references: boolean;
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
  clockJumps: 0,
  sleeps: 0,
  freezesPerStep: 0,
  tabEndsPerStep: 0,
  tabMessagesLost: 0,
  maxTabDelayMs: 20,
  framesReordered: 0,
  linesSilenced: 0,
  serverRestores: 0,
  leastFaults: 0,
};

/** So many faults happen in every run. */
export const leastFaults = 10;

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
    ...drawTimeFaults(random.fork('time')),
    ...drawTabFaults(random.fork('tabs')),
    ...drawSocketFaults(random.fork('socket')),
    serverRestores: drawRestores(random.fork('restores')),
    leastFaults,
  };
}

function drawSocketFaults(random: SeededRandom): Pick<FaultPlan, 'framesReordered' | 'linesSilenced'> {
  return {
    framesReordered: random.chance(0.7) ? random.next() * 0.3 : 0,
    linesSilenced: random.chance(0.7) ? random.next() : 0,
  };
}

function drawRestores(random: SeededRandom): number {
  return random.chance(0.3) ? 1 + random.int(2) : 0;
}

function drawTimeFaults(random: SeededRandom): Pick<FaultPlan, 'clockJumps' | 'sleeps'> {
  return {
    clockJumps: random.chance(0.4) ? 1 + random.int(3) : 0,
    sleeps: random.chance(0.4) ? 1 + random.int(2) : 0,
  };
}

/** From chance of their own: runs without tabs draw what they would draw if there were none. */
type TabFaults = Pick<FaultPlan, 'freezesPerStep' | 'tabEndsPerStep' | 'tabMessagesLost' | 'maxTabDelayMs'>;

function drawTabFaults(random: SeededRandom): TabFaults {
  return {
    freezesPerStep: random.chance(0.7) ? random.next() * 0.15 : 0,
    tabEndsPerStep: random.chance(0.7) ? random.next() * 0.15 : 0,
    tabMessagesLost: random.chance(0.4) ? random.next() * 0.2 : 0,
    maxTabDelayMs: 1 + random.int(random.chance(0.5) ? 50 : 1_500),
  };
}

/** How many devices there are, and how many tabs each has at most. */
export interface Crowd {
  /** Default: drawn. */
  readonly clients?: number | undefined;
  /** The most that are drawn. Default 4; the fewest are 2. */
  readonly mostClients?: number | undefined;
  /** Default 1; with more, one or two devices have several tabs. */
  readonly tabs?: number | undefined;
}

/** Draws backend and devices of one run. */
export function drawWorldShape(random: SeededRandom, { clients, mostClients = 4, tabs = 1 }: Crowd = {}): WorldShape {
  const drawnClients = clients ?? 2 + random.int(mostClients - 1);
  return {
    ...drawTabs(random.fork('tabs'), clients ?? null, drawnClients, tabs),
    versions: random.chance(0.7) ? 'number' : 'string',
    batch: random.chance(0.6),
    probe: random.chance(0.8),
    realTime: random.chance(0.7),
    socket: random.fork('socket').chance(0.6) ? 'frames' : 'messages',
    computedField: random.chance(0.4),
    feedPatches: random.chance(0.5),
    feedLength: random.chance(0.3) ? 5 + random.int(20) : Infinity,
    strategy: random.chance(0.6) ? 'merge' : random.pick(['client-wins', 'server-wins', 'last-write-wins', 'manual']),
    order: random.chance(0.85) ? 'entity' : 'global',
    requestTimeoutMs: 4_000 + random.int(16_000),
    sharedEntities: 1 + random.int(6),
    deletes: random.chance(0.7),
    references: random.fork('references').chance(0.4),
    backend: drawBackend(random.fork('backend'), tabs),
  };
}

function drawBackend(random: SeededRandom, tabs: number): BackendKind {
  return tabs > 1 || random.chance(0.7) ? 'idempotent' : random.pick(['versioned', 'plain'] as const);
}

function drawTabs(
  random: SeededRandom,
  wanted: number | null,
  drawn: number,
  most: number,
): Pick<WorldShape, 'clients' | 'tabs' | 'locks'> {
  if (most === 1) return { clients: drawn, tabs: [], locks: 'missing' };
  const locks = random.chance(0.6) ? 'working' : random.pick(['missing', 'breaking'] as const);
  const clients = wanted ?? (random.chance(0.4) ? 1 : drawn);
  const several = (): number => 2 + random.int(most - 1);
  return { clients, tabs: clients === 1 ? [most] : [several(), several()], locks };
}
