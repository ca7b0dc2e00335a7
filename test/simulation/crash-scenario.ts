import type { SyncOptions } from '../../src/service/options.ts';
import { createAccounting } from './accounting.ts';
import { createAppActions, type AppActions, type Target } from './app-actions.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { noFaults, type WorldShape } from './fault-plan.ts';
import { createInvariants, findDivergence } from './invariants.ts';
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts';
import { createSimulatedDevice } from './simulated-device.ts';
import { guardGlobals } from './world/guarded-globals.ts';
import type { VirtualProcess } from './world/process.ts';
import { createWorld, type World } from './world/world.ts';

/** Where the history is cut off. */
export interface CrashOptions {
  /** The storage step of the device after which the process that made it is gone. */
  readonly step: number;
  readonly kind: 'batch' | 'single';
  /** The storage step after that after which the process that made it is gone, too. */
  readonly again?: number;
  /** Of the device; default 1. */
  readonly tabs?: 1 | 2;
}

/** Whether the step was reached, what was met on the way, and what must not have happened. */
export interface CrashResult {
  readonly crashed: boolean;
  readonly conflicts: number;
  /** By tab: the lives in which it led. */
  readonly reigns: readonly number[];
  readonly violations: readonly string[];
  readonly lines: readonly string[];
}

const shape: WorldShape = {
  clients: 2,
  tabs: [],
  locks: 'missing',
  versions: 'number',
  batch: true,
  probe: true,
  realTime: false,
  socket: 'messages',
  computedField: true,
  feedPatches: false,
  feedLength: Infinity,
  strategy: 'merge',
  order: 'entity',
  requestTimeoutMs: 5_000,
  sharedEntities: 3,
  deletes: true,
  references: false,
  backend: 'idempotent',
};

/**
 * One short history of a device, the same every time, cut off after a given storage step and taken up again: by the other
 * tab where there is one. Another device changes what this one changes.
 */
export async function runCrashScenario({ step, kind, again, tabs = 1 }: CrashOptions): Promise<CrashResult> {
  const world = createWorld({
    seed: 1,
    plan: noFaults,
    shape: { ...shape, batch: kind === 'batch', ...(tabs === 2 ? { tabs: [2], locks: 'working' } : {}) },
  });
  const { trace } = world;
  const restore = guardGlobals((error) => {
    trace.violate(`unhandled: ${String(error)}`);
  });
  try {
    const device = createSimulatedDevice(world, 'c1', tabs);
    const names = tabs === 2 ? ['c1a', 'c1b'] : ['c1'];
    const own = names.map((name) => createSimulatedClient(world, device, name, options));
    const rival = createSimulatedClient(world, createSimulatedDevice(world, 'c2', 1), 'c2', options);
    const met = await play(world, own, rival, tabs === 2 ? twoTabs : oneTab, step, again);
    return { ...met, violations: trace.violations, lines: trace.lines };
  } finally {
    restore();
  }
}

const collection = { fields: { '/count': 'counter' as const } };
const options: SyncOptions = {
  user: 'ada',
  collections: { tasks: collection, notes: collection },
  retry: { baseMs: 200, maxMs: 2_000 },
  pullIntervalMs: 10_000,
};

const a: Target = { collection: 'tasks', id: 'a' };
const b: Target = { collection: 'tasks', id: 'b' };
const c: Target = { collection: 'notes', id: 'c' };

/** By the first tab, the other one, or the other device. Of two tabs the one does it that is there. */
type Actor = 'first' | 'second' | 'rival';
type Moment = 'closes' | 'opens' | ((actions: AppActions, client: SimulatedClient) => void);
type History = readonly (readonly [waitMs: number, actor: Actor, moment: Moment])[];

const oneTab: History = [
  [0, 'first', ({ put }) => put(a)],
  [0, 'first', ({ patch }) => patch(a)],
  [500, 'first', ({ batch }) => batch([a, b, c])],
  [0, 'first', (_, { link }) => link.cut()],
  [2_000, 'rival', (_, { service }) => void service?.pull()],
  [1_000, 'rival', ({ rename }) => rename(a)],
  [0, 'first', ({ rename }) => rename(a)],
  [0, 'first', ({ patch }) => patch(b)],
  [200, 'first', ({ delete: remove }) => remove(c)],
  [0, 'first', ({ sync }) => sync(a)],
  [8_000, 'first', ({ put }) => put(c)],
  [0, 'first', (_, { link }) => link.mend()],
  [3_000, 'first', ({ patch }) => patch(a)],
  [20, 'first', ({ patch }) => patch(a)],
  [4_000, 'first', ({ delete: remove }) => remove(b)],
];

const twoTabs: History = [
  [0, 'first', ({ put }) => put(a)],
  [20, 'second', ({ put }) => put(b)],
  [500, 'second', ({ patch }) => patch(a)],
  [0, 'first', (_, { link }) => link.cut()],
  [2_000, 'rival', (_, { service }) => void service?.pull()],
  [1_000, 'rival', ({ rename }) => rename(a)],
  [0, 'second', ({ rename }) => rename(a)],
  [200, 'first', ({ batch }) => batch([b, c])],
  [0, 'second', ({ patch }) => patch(c)],
  [500, 'first', 'closes'],
  [0, 'second', (_, { link }) => link.mend()],
  [20, 'second', ({ patch }) => patch(b)],
  [500, 'first', 'opens'],
  [20, 'first', ({ patch }) => patch(a)],
  [500, 'first', ({ delete: remove }) => remove(c)],
  [20, 'second', ({ patch }) => patch(a)],
  [2_000, 'first', ({ put }) => put(c)],
];

async function play(
  world: World,
  own: readonly SimulatedClient[],
  rival: SimulatedClient,
  history: History,
  step: number,
  again: number | undefined,
): Promise<Pick<CrashResult, 'crashed' | 'conflicts' | 'reigns'>> {
  const { clock, trace, random } = world;
  const clients = [...own, rival];
  const ledger = createEffectLedger(world);
  const accounting = createAccounting(world, ledger, clients);
  const invariants = createInvariants(world);
  const actionsOf = new Map(
    clients.map((client) => [client, createAppActions(world, client, ledger, random.fork(`${client.name} app`))]),
  );
  const ledIn = own.map(() => new Set<unknown>());
  const [{ disk, link }] = own as [SimulatedClient];
  let crashed = false;

  const crash = (process: VirtualProcess): void => own.find((client) => client.isRunBy(process))?.crash();
  disk.crashAt(step, (process) => {
    crashed = true;
    crash(process);
    if (again !== undefined) disk.crashAt(again, crash);
  });
  const look = (): void => {
    for (const client of clients) invariants.check(client);
    accounting.check();
    for (const [index, { service }] of own.entries())
      if (service?.getSnapshot().role === 'leader') ledIn[index]?.add(service);
  };
  const actorOf = (actor: Actor): SimulatedClient => {
    if (actor === 'rival') return rival;
    const [first, second = first] = own as [SimulatedClient, SimulatedClient?];
    return actor === 'first' ? first : second;
  };
  const happen = (actor: Actor, moment: Moment): void => {
    const client = actorOf(actor);
    if (moment === 'closes') return client.close();
    if (moment === 'opens') return client.open();
    const acting = actor === 'rival' || client.service ? client : own.find(({ service }) => service);
    const actions = acting && actionsOf.get(acting);
    if (acting?.service && actions) moment(actions, acting);
  };

  for (const client of clients) client.open();
  await clock.advance(100);
  for (const [waitMs, actor, moment] of history) {
    happen(actor, moment);
    await clock.advance(waitMs);
    if (own.every(({ mode }) => mode === 'closed')) break;
    look();
  }
  world.heal();
  link.mend();
  for (let round = 0; round < 120 && trace.violations.length === 0; round += 1) {
    for (const client of clients) client.open();
    await clock.advance(1_000);
    accounting.check();
  }
  const divergence = findDivergence(world, clients);
  if (divergence !== null) trace.violate(`G1 G5 ${divergence}`);
  accounting.checkSettled();
  const conflicts = new Set(own.flatMap(({ oracle }) => [...oracle.conflicts.keys()])).size;
  return { crashed, conflicts, reigns: ledIn.map(({ size }) => size) };
}
