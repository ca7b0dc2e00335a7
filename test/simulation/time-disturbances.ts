import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { World } from './world/world.ts';

/** What happens to the time of the devices. */
export interface TimeDisturbances {
  /** Called before each step of the run. A sleep takes its time here. */
  disturb(step: number): Promise<void>;
  /** Ends all of it: who sleeps wakes. Clocks stay wrong. */
  end(): void;
}

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
const longestDoze = 8;

/** Draws when what happens, from the faults that hold now. */
export function createTimeDisturbances(
  world: World,
  clients: readonly SimulatedClient[],
  random: SeededRandom,
  steps: number,
): TimeDisturbances {
  const { clock, trace } = world;
  const { clockJumps, sleeps } = world.faults();
  const devices = [...new Set(clients.map(({ device }) => device))];
  const drawSteps = (count: number): readonly number[] => Array.from({ length: count }, () => random.int(steps));
  const jumpSteps = drawSteps(clockJumps);
  const sleepSteps = drawSteps(sleeps);
  let sleepAt = -1;

  const jump = (device: SimulatedDevice): void => {
    const aheadMs = Math.round((random.next() * 2 - 1) * weekMs);
    trace.fault('clock jump', `${device.name} is ${aheadMs} ms ahead`);
    device.setClock(aheadMs);
  };
  const tabsOf = (device: SimulatedDevice): readonly SimulatedClient[] =>
    clients.filter((client) => client.device === device);
  const fallAsleep = (device: SimulatedDevice): void => {
    for (const tab of tabsOf(device)) tab.freeze();
    device.isAsleep = true;
  };
  const wake = (device: SimulatedDevice): void => {
    device.isAsleep = false;
    device.link.dropSockets();
    const signals = random.chance(0.7);
    for (const tab of tabsOf(device)) {
      tab.thaw();
      if (signals) tab.page('resumed');
    }
  };
  /** One falls asleep before the others, which write on for a while. */
  const dozeOff = (device: SimulatedDevice, step: number): void => {
    fallAsleep(device);
    sleepAt = step + random.int(longestDoze);
  };
  const sleep = async (): Promise<void> => {
    const ms = hourMs + random.int(weekMs - hourMs);
    trace.fault('sleep', `${ms} ms`);
    for (const device of devices) fallAsleep(device);
    await clock.advance(ms);
    for (const device of devices) wake(device);
  };

  return {
    async disturb(step) {
      for (const at of jumpSteps) if (at === step) jump(random.pick(devices));
      for (const at of sleepSteps) if (at === step) dozeOff(random.pick(devices), step);
      if (step === sleepAt) await sleep();
    },
    end() {
      for (const device of devices) if (device.isAsleep) wake(device);
    },
  };
}
