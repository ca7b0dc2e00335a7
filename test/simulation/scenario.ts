import type { ISyncOperation } from '../../src/core/operation.ts';
import type { SyncOptions } from '../../src/service/options.ts';
import { createAccounting } from './accounting.ts';
import { createAppLife, type AppLife } from './app-life.ts';
import { createDisturbances } from './disturbances.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { drawFaultPlan, drawWorldShape, type FaultPlan, type WorldShape } from './fault-plan.ts';
import { createInvariants, findDivergence } from './invariants.ts';
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts';
import { createSimulatedDevice, type SimulatedDevice } from './simulated-device.ts';
import { createTabDisturbances } from './tab-disturbances.ts';
import { createTimeDisturbances } from './time-disturbances.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { guardGlobals } from './world/guarded-globals.ts';
import type { Trace } from './world/trace.ts';
import type { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { createViewWatch } from './view-watch.ts';
import { blank, collectionNames, marksOf } from './world/simulated-entity.ts';
import { createWorld, type World } from './world/world.ts';
import type { WriteOracle } from './write-oracle.ts';

/** What to run. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly operations: number;
  /** Only the first so many of them are played. Default: all. */
  readonly upTo?: number;
  /** Devices. Default: drawn from the seed. */
  readonly clients?: number;
  /** The most devices that are drawn; default 4. */
  readonly mostClients?: number;
  /** Most tabs of a device; default 1. */
  readonly tabs?: number;
  readonly plan?: Partial<FaultPlan>;
  readonly shape?: Partial<WorldShape>;
}

/** What happened. */
export interface ScenarioResult {
  readonly seed: number;
  /** What went wrong, as drawn and as asked for. */
  readonly plan: FaultPlan;
  readonly shape: WorldShape;
  /** What must not have happened; the first is the one to look at. */
  readonly violations: readonly string[];
  readonly lines: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  /** How many of them were no consequences of others. */
  readonly injected: number;
  readonly writes: number;
  readonly applied: number;
  readonly conflicts: number;
  /** How many of them no form on a state that is not kept any more asks for (S13). */
  readonly contradictions: number;
}

const healingLimitMs = 10 * 60_000;
const quietMs = 90_000;
const mostLooks = 8;
const references = { '/task': 'tasks' };
const thinkTimesMs = [0, 0, 0, 5, 50, 500, 2_000, 10_000, 40_000] as const;

/** One random history of a few clients and a backend: first with faults, then without, until all agree. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const drawn = createSeededRandom(options.seed).fork('plan');
  const shape = { ...drawWorldShape(drawn.fork('shape'), options), ...options.shape };
  const plan = { ...drawFaultPlan(drawn.fork('faults')), ...diskOf(shape), ...historyOf(shape), ...options.plan };
  const world = createWorld({ seed: options.seed, plan, shape });
  const restore = guardGlobals((error) => {
    world.trace.violate(`unhandled: ${error instanceof Error ? error.stack : String(error)}`);
  });
  const devices = Array.from({ length: shape.clients }, (_, at) =>
    createSimulatedDevice(world, `c${at + 1}`, shape.tabs[at] ?? 1),
  );
  const clients = devices.flatMap((device, at) => openTabsOf(world, device, shape.tabs[at] ?? 1));
  try {
    await play(world, clients, options);
  } catch (error) {
    world.trace.violate(`G5 the run broke off: ${(error as Error).stack}`);
  } finally {
    restore();
  }
  const { violations, lines, faults, injected } = world.trace;
  return {
    seed: options.seed,
    plan,
    shape,
    violations,
    lines,
    faults,
    injected,
    writes: clients.reduce((sum, { oracle }) => sum + oracle.writes.length, 0),
    applied: world.backend.feed.position,
    conflicts: clients.reduce((sum, { oracle }) => sum + oracle.conflicts.size, 0),
    contradictions: clients.reduce((sum, { oracle }) => sum + countContradictions(oracle), 0),
  };
}

function countContradictions({ conflicts, lateForms }: WriteOracle): number {
  return [...conflicts.values()].filter(({ local }) => !marksOf(local).some((mark) => lateForms.has(mark))).length;
}

/** Locks that do not lock are promised to cost repeats at most on a disk that works (G18): what is sealed is on it then. */
function diskOf({ tabs, locks }: WorldShape): Partial<FaultPlan> {
  return tabs.length > 0 && locks !== 'working' ? { storageErrors: 0, storageStalls: 0 } : {};
}

/** What comes back from a backup is known by its epoch, which only the reference server has (S39). */
function historyOf({ backend }: WorldShape): Partial<FaultPlan> {
  return backend === 'idempotent' ? {} : { serverRestores: 0 };
}

function openTabsOf(world: World, device: SimulatedDevice, tabs: number): readonly SimulatedClient[] {
  const nameOf = (at: number): string =>
    device.hasTabs ? `${device.name}${String.fromCharCode(97 + at)}` : device.name;
  return Array.from({ length: tabs }, (_, at) => createSimulatedClient(world, device, nameOf(at), drawOptions(world)));
}

async function play(
  world: World,
  clients: readonly SimulatedClient[],
  { operations, upTo = operations }: ScenarioOptions,
): Promise<void> {
  const { trace, clock } = world;
  const random = world.random.fork('play');
  const ledger = createEffectLedger(world);
  const lives = clients.map((client) => createAppLife(world, client, ledger, world.random.fork(`${client.name} app`)));
  const disturbances = createDisturbances(world, clients, world.random.fork('disturbances'), operations);
  const tabDisturbances = createTabDisturbances(world, clients, world.random.fork('tab disturbances'));
  const time = createTimeDisturbances(world, clients, world.random.fork('time disturbances'), operations);
  const invariants = createInvariants(world);
  const accounting = createAccounting(world, ledger, clients);
  const views = createViewWatch(world, ledger);
  const check = (): void => {
    for (const client of clients) {
      views.watch(client);
      invariants.check(client);
    }
    accounting.check();
  };

  for (const client of clients) client.open();
  for (let step = 0; step < upTo && trace.violations.length === 0; step += 1) {
    disturbances.disturb(step);
    tabDisturbances.disturb();
    await time.disturb(step);
    random.pick(lives).act();
    await pass(clock, random.pick(thinkTimesMs), check);
  }
  if (trace.violations.length > 0) return;
  disturbances.end();
  tabDisturbances.end();
  time.end();
  await drainUndecided(world, clients, check);
  if (trace.violations.length > 0) return;
  await heal(world, clients, lives, check);
  if (trace.violations.length > 0) return;
  accounting.checkSettled();
  await closeAll(world, clients);
}

function drawOptions({ random, shape }: World): SyncOptions {
  const drawn = random.fork('options');
  const collection = {
    fields: { '/count': 'counter' as const },
    pullLimit: 1 + drawn.int(20),
    detectConflicts: shape.backend === 'plain' ? ('compare' as const) : ('server' as const),
  };
  const referring = shape.references ? { ...collection, references } : collection;
  return {
    user: 'ada',
    conflict: shape.strategy,
    order: shape.order,
    collections: { tasks: collection, notes: referring },
    batchSize: 1 + drawn.int(10),
    concurrency: 1 + drawn.int(6),
    retry: { baseMs: 200 + drawn.int(1_000), maxMs: 10_000 },
    requestTimeoutMs: shape.requestTimeoutMs,
    pullIntervalMs: 30_000,
  };
}

/** Lets time pass and looks often. */
async function pass(clock: VirtualClock, ms: number, check: () => void): Promise<void> {
  const looks = Math.min(ms, mostLooks);
  for (let look = 0; look < looks; look += 1) {
    await clock.advance(ms / looks);
    check();
  }
  if (looks === 0) {
    await clock.advance(0);
    check();
  }
}

/** G8: nobody decides about what was refused, and everything else gets through. Under global order it waits (S7). */
async function drainUndecided(world: World, clients: readonly SimulatedClient[], check: () => void): Promise<void> {
  const { clock, trace, shape } = world;
  const isHeldUp = ({ mode, service }: SimulatedClient): boolean =>
    mode !== 'gone' && (service === null || service.getSnapshot().pending > 0);
  const untilMs = clock.now() + healingLimitMs;
  const isOver = (): boolean => clock.now() >= untilMs || trace.violations.length > 0;
  while (!isOver() && shape.order === 'entity' && clients.some(isHeldUp)) {
    for (const client of clients) {
      client.open();
      client.service?.resume();
    }
    await pass(clock, 2_000, check);
  }
  for (const client of clients.filter(isHeldUp))
    if (shape.order === 'entity')
      trace.violate(
        `G5 G8 without faults ${client.name} does not get rid of ${show(client.service?.queue.list())}: ${JSON.stringify(client.service?.getSnapshot())}`,
      );
}

function show(operations: readonly ISyncOperation[] = []): string {
  return operations
    .map(({ type, collection, entityId, id, status }) => `${type} ${collection}/${entityId} ${id} ${status}`)
    .join(', ');
}

async function heal(
  world: World,
  clients: readonly SimulatedClient[],
  lives: readonly AppLife[],
  check: () => void,
): Promise<void> {
  const { clock, trace } = world;
  const untilMs = clock.now() + healingLimitMs;
  haveLastWord(world);
  while (clock.now() < untilMs && trace.violations.length === 0) {
    for (const client of clients) {
      client.open();
      client.service?.resume();
    }
    for (const life of lives) life.decide();
    await clock.advance(1_000);
    check();
    if (findDivergence(world, clients) === null) break;
  }
  await clock.advance(quietMs);
  check();
  const divergence = findDivergence(world, clients);
  if (divergence !== null) trace.violate(`G4 G5 without faults for ${healingLimitMs} ms, yet ${divergence}`);
  for (const { name, service, mode } of clients) {
    if (mode === 'gone') continue;
    const state = service?.getSnapshot();
    if (state?.queue !== 'idle' || state.connectivity !== 'online' || state.blockers.length > 0 || state.stalled) {
      trace.violate(`G5 ${name} has nothing to do, but says ${JSON.stringify(state)}`);
    }
  }
  checkLeaders(trace, clients);
}

/** A frame that was lost behind all others shows when another follows. */
function haveLastWord({ shape, backend, clock }: World): void {
  if (shape.socket !== 'frames') return;
  for (const collection of collectionNames) {
    const entity = { ...blank('last-word'), updatedAt: new Date(clock.now()).toISOString() };
    const request = { type: 'create', collection, entityId: entity.id, entity, baseVersion: null } as const;
    backend.write({ ...request, idempotencyKey: `last word ${collection}` }, { clientId: 'backend' });
  }
}

function checkLeaders(trace: Trace, clients: readonly SimulatedClient[]): void {
  for (const device of new Set(clients.map((client) => client.device))) {
    const tabs = clients.filter((client) => client.device === device && client.service?.getSnapshot().durable);
    const leaders = tabs.filter(({ service }) => service?.getSnapshot().role === 'leader');
    if (tabs.length === 0 || leaders.length === 1) continue;
    trace.violate(`G18 ${device.name} is led by ${leaders.map(({ name }) => name).join(', ') || 'none of its tabs'}`);
  }
}

async function closeAll({ clock, trace }: World, clients: readonly SimulatedClient[]): Promise<void> {
  for (const client of clients) client.close();
  await clock.advance(60_000);
  for (const { name, mode } of clients)
    if (mode === 'open' || mode === 'closing') trace.violate(`S24 ${name} does not finish closing`);
}
