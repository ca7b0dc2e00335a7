import { createAccounting } from './accounting.ts';
import { createAppActions, type AppActions, type Target } from './app-actions.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { noFaults, type WorldShape } from './fault-plan.ts';
import { createInvariants, findDivergence } from './invariants.ts';
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts';
import { createSimulatedDevice } from './simulated-device.ts';
import { guardGlobals } from './world/guarded-globals.ts';
import { createWorld, type World } from './world/world.ts';

/** Where the history is cut off. */
export interface CrashOptions {
  /** The storage step after which the process is gone. */
  readonly step: number;
  readonly kind: 'batch' | 'single';
  /** The storage step of the next life after which that one is gone, too. */
  readonly again?: number;
}

/** Whether the step was reached, and what must not have happened. */
export interface CrashResult {
  readonly crashed: boolean;
  readonly violations: readonly string[];
  readonly lines: readonly string[];
}

const shape: WorldShape = {
  clients: 1,
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
};

/** One short history of one client, the same every time, cut off after a given storage step and taken up again. */
export async function runCrashScenario({ step, kind, again }: CrashOptions): Promise<CrashResult> {
  const world = createWorld({ seed: 1, plan: noFaults, shape: { ...shape, batch: kind === 'batch' } });
  const { trace } = world;
  const restore = guardGlobals((error) => {
    trace.violate(`unhandled: ${String(error)}`);
  });
  try {
    const device = createSimulatedDevice(world, 'c1', 1);
    const client = createSimulatedClient(world, device, 'c1', { user: 'ada', retry: { baseMs: 200, maxMs: 2_000 } });
    const crashed = await play(world, client, step, again);
    return { crashed, violations: trace.violations, lines: trace.lines };
  } finally {
    restore();
  }
}

const a: Target = { collection: 'tasks', id: 'a' };
const b: Target = { collection: 'tasks', id: 'b' };
const c: Target = { collection: 'notes', id: 'c' };

type Moment = (actions: AppActions, client: SimulatedClient) => void;

const history: readonly (readonly [waitMs: number, moment: Moment])[] = [
  [0, ({ put }) => put(a)],
  [0, ({ patch }) => patch(a)],
  [500, ({ batch }) => batch([a, b, c])],
  [0, (_, { link }) => link.cut()],
  [0, ({ patch }) => patch(b)],
  [200, ({ delete: remove }) => remove(c)],
  [0, ({ sync }) => sync(a)],
  [8_000, ({ put }) => put(c)],
  [0, (_, { link }) => link.mend()],
  [3_000, ({ patch }) => patch(a)],
  [20, ({ patch }) => patch(a)],
  [4_000, ({ delete: remove }) => remove(b)],
];

async function play(world: World, client: SimulatedClient, step: number, again: number | undefined): Promise<boolean> {
  const { clock, trace, random } = world;
  const ledger = createEffectLedger(world);
  const accounting = createAccounting(world, ledger, [client]);
  const invariants = createInvariants(world);
  const actions = createAppActions(world, client, ledger, random.fork('app'));
  let crashed = false;

  client.disk.crashAt(step, () => {
    crashed = true;
    client.crash();
    if (again !== undefined) client.disk.crashAt(again, client.crash);
  });
  client.open();
  await clock.advance(100);
  for (const [waitMs, moment] of history) {
    if (client.service) moment(actions, client);
    await clock.advance(waitMs);
    if (client.mode === 'closed') break;
    invariants.check(client);
    accounting.check();
  }
  world.heal();
  client.link.mend();
  for (let round = 0; round < 120 && trace.violations.length === 0; round += 1) {
    client.open();
    await clock.advance(1_000);
    accounting.check();
  }
  const divergence = findDivergence(world, [client]);
  if (divergence !== null) trace.violate(`G1 G5 ${divergence}`);
  accounting.checkSettled();
  return crashed;
}
