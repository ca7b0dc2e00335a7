import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { World } from './world/world.ts';

/** What happens to the tabs of devices that have several. */
export interface TabDisturbances {
  /** Called before each step of the run. */
  disturb(): void;
  /** Ends all of it: frozen tabs thaw, locks are mended. What is gone stays gone. */
  end(): void;
}

const longestFreezeMs = 60_000;

/** Draws when what happens, from the faults that hold now. */
export function createTabDisturbances(
  world: World,
  clients: readonly SimulatedClient[],
  random: SeededRandom,
): TabDisturbances {
  const { clock, trace, shape } = world;
  const tabs = clients.filter(({ device }) => device.hasTabs);
  const devices = [...new Set(tabs.map(({ device }) => device))];
  const broken = new Set<string>();

  const siblingsOf = ({ device }: SimulatedClient): readonly SimulatedClient[] =>
    tabs.filter((tab) => tab.device === device);
  /** Leaders have most to lose. */
  const draw = (): SimulatedClient => {
    const drawn = random.pick(tabs);
    if (random.chance(0.5)) return drawn;
    return siblingsOf(drawn).find(({ service }) => service?.getSnapshot().role === 'leader') ?? drawn;
  };
  const freeze = (tab: SimulatedClient): void => {
    tab.freeze();
    clock.setTimeout(tab.thaw, 1_000 + random.int(longestFreezeMs - 1_000));
  };
  const retire = (tab: SimulatedClient): void => {
    const isLast = siblingsOf(tab).filter(({ mode }) => mode !== 'gone').length === 1;
    if (isLast) tab.crash();
    else tab.retire();
  };
  const breakLocks = (): void => {
    for (const { name, locks } of devices) {
      if (!random.chance(broken.has(name) ? 0.3 : 0.1)) continue;
      if (!broken.delete(name)) broken.add(name);
      trace.fault('locks broken', `${name} ${broken.has(name)}`);
      locks?.setBroken(broken.has(name));
    }
  };

  return {
    disturb() {
      if (tabs.length === 0) return;
      const { freezesPerStep, tabEndsPerStep } = world.faults();
      if (random.chance(freezesPerStep)) freeze(draw());
      if (random.chance(tabEndsPerStep)) random.pick([closeTab, closeTab, crashTab, crashTab, retire])(draw());
      if (shape.locks === 'breaking') breakLocks();
    },
    end() {
      for (const tab of tabs) tab.thaw();
      for (const { locks } of devices) locks?.setBroken(false);
    },
  };
}

function closeTab(tab: SimulatedClient): void {
  tab.close();
}

function crashTab(tab: SimulatedClient): void {
  tab.crash();
}
