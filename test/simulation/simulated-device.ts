import type { Environment } from '../../src/ports/environment.ts';
import { createMemoryLocks, type MemoryLocks } from '../../src/testing/environment/memory-locks.ts';
import { createMemoryTabChannels, type MemoryTabChannels } from '../../src/testing/environment/memory-tab-channels.ts';
import { createSeededNetwork, type SeededNetwork } from '../../src/testing/network/seeded-network.ts';
import { createToldByBackend, type ToldByBackend } from './told-by-backend.ts';
import { createDisk, type VirtualDisk } from './world/disk.ts';
import type { VirtualProcess } from './world/process.ts';
import type { World } from './world/world.ts';
import type { WriteOracle } from './write-oracle.ts';

/** What the tabs of one device share: it lasts, their processes come and go. */
export interface SimulatedDevice {
  readonly name: string;
  readonly disk: VirtualDisk;
  readonly link: SeededNetwork;
  /** How far its clock is ahead of the world's, now. */
  readonly skewMs: number;
  /** Whether its processes stand still, whatever thaws them. */
  isAsleep: boolean;
  /** Whether the backend accepts its token. */
  isAuthorized: boolean;
  /** Every key that one of its tabs ever sent. */
  readonly keys: Set<string>;
  /** Keys of requests that came to an end in one of them. */
  readonly ended: Set<string>;
  /** Keys of requests that were sealed when the app made an entity that they refer to, with the entity's id: they go as they are (S1). */
  readonly sealedBefore: Set<string>;
  /** Those of its tabs. */
  readonly oracles: WriteOracle[];
  readonly told: ToldByBackend;
  /** How often one of its tabs reported that the backend came back with other data. */
  resets: number;
  /** Whether it may have several tabs at a time. */
  readonly hasTabs: boolean;
  /** Null: there are none, or they never break. */
  readonly locks: MemoryLocks | null;
  /**
   * Whether two tabs may take themselves for the leader for a moment, or one is on its own since it fell back to memory: then
   * things are repeated, and nothing is lost (G18).
   */
  hasRivals: boolean;
  /** Whether a tab may be overtaken although it was awake. */
  readonly isContested: boolean;
  /** What the platform gives one process to find the others with. */
  portsOf(process: VirtualProcess): Pick<Environment, 'locks' | 'tabs'>;
  /** The next number in the order in which the device's user does things. */
  nextIndex(): number;
  /** Its clock is set to so much ahead of the world's from one moment to the next. */
  setClock(aheadMs: number): void;
}

/** A device that was never switched on. */
export function createSimulatedDevice(world: World, name: string, tabs: number): SimulatedDevice {
  const { clock, trace, faults, isServerUp, shape } = world;
  const random = world.random.fork(name);
  const shared = { clock, trace, faults, isServerUp };
  const disk = createDisk({ ...shared, name, random: random.fork('disk'), faults: faults() });
  const link = createSeededNetwork({ ...shared, name, log: trace, random: random.fork('link') });
  const hasTabs = tabs > 1;
  const locks = hasTabs && shape.locks !== 'missing' ? createMemoryLocks() : null;
  const channels = hasTabs ? createChannels(world, name) : null;
  const hasRivals = hasTabs && shape.locks !== 'working';
  const isContested = hasRivals || faults().tabMessagesLost > 0;
  const told = createToldByBackend(faults().serverRestores > 0);
  world.backend.restored$.subscribe(told.noteRestore);
  let skewMs = Math.round((random.next() * 2 - 1) * faults().maxSkewMs);
  let lastIndex = 0;

  return {
    name,
    disk,
    link,
    get skewMs() {
      return skewMs;
    },
    isAsleep: false,
    isAuthorized: true,
    keys: new Set(),
    ended: new Set(),
    sealedBefore: new Set(),
    oracles: [],
    told,
    resets: 0,
    hasTabs,
    locks,
    hasRivals,
    isContested,
    portsOf: (process) => ({ locks: locks?.of(process) ?? null, tabs: channels?.of(process) ?? null }),
    nextIndex: () => ++lastIndex,
    setClock(aheadMs) {
      skewMs = aheadMs;
    },
  };
}

function createChannels({ clock, trace, faults, random }: World, name: string): MemoryTabChannels {
  const chance = random.fork(`${name} tab channel`);
  return createMemoryTabChannels(clock, {
    delayMs: () => chance.int(faults().maxTabDelayMs),
    isLost: ({ from, to, message }) => {
      const isLost = chance.chance(faults().tabMessagesLost);
      const { type } = message as { readonly type: string };
      if (isLost) trace.fault('tab message lost', `${nameOf(from)} to ${nameOf(to)}: ${type}`);
      return isLost;
    },
  });
}

function nameOf(tab: unknown): string {
  return (tab as VirtualProcess).name;
}
