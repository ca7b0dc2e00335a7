import type { SeededNetwork } from '../../src/testing/network/seeded-network.ts';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { World } from './world/world.ts';

/** What happens to the clients besides what their apps do. */
export interface Disturbances {
  /** Called before each step of the run. */
  disturb(step: number): void;
  /** Ends all of it: links, tokens, disks and the backend are well again. */
  end(): void;
}

const mostLostChanges = 10;
const leastRestoreMs = 10_000;

/** Draws when what happens, from the faults that hold now. */
export function createDisturbances(
  world: World,
  clients: readonly SimulatedClient[],
  random: SeededRandom,
  steps: number,
): Disturbances {
  const plan = world.faults();
  const devices = [...new Set(clients.map(({ device }) => device))];
  const drawSteps = (count: number): readonly number[] => Array.from({ length: count }, () => random.int(steps));
  const crashSteps = drawSteps(plan.crashes);
  const restartSteps = drawSteps(plan.serverRestarts);
  const expirySteps = drawSteps(plan.tokenExpiries);
  const restores = random.fork('restores');
  const restoreSteps = Array.from({ length: plan.serverRestores }, () => restores.int(steps));
  const further = random.fork('further');
  const expired = new Set<SimulatedDevice>();

  const disturbLinks = (): void => {
    for (const { name, link } of devices) {
      if (link.isCut ? random.chance(0.2) : random.chance(plan.partitionsPerStep)) {
        if (link.isCut) {
          link.mend();
          world.trace.note(`the link of ${name} is mended`);
        } else cut(name, link);
      }
    }
  };
  const cut = (name: string, link: SeededNetwork): void => {
    link.cut();
    world.trace.fault('link cut', name);
  };
  const crash = (client: SimulatedClient): void => {
    if (random.chance(0.3)) client.crash();
    else {
      client.disk.crashAt(1 + random.int(6), (process) => {
        for (const each of clients) if (each.isRunBy(process)) each.crash();
      });
    }
  };
  const restartServer = (downMs: number): void => {
    world.restartServer(downMs);
    for (const { link } of devices) link.dropSockets();
  };
  /** What was answered before is here by then. */
  const restoreServer = (): void => {
    world.restoreServer(1 + restores.int(mostLostChanges), leastRestoreMs + restores.int(20_000));
    for (const { link } of devices) link.dropSockets();
  };
  const renewToken = (device: SimulatedDevice): void => {
    for (const client of clients) if (client.device === device) client.renewToken();
  };
  const disturbTokens = (step: number): void => {
    for (const device of expired) {
      if (!random.chance(0.2)) continue;
      expired.delete(device);
      renewToken(device);
    }
    for (const at of expirySteps) {
      if (at !== step) continue;
      const client = random.pick(clients);
      client.expireToken();
      world.trace.fault('token expiry', client.device.name);
      expired.add(client.device);
    }
  };

  /** Something that certainly counts. */
  const injectOne = (): void => {
    const { name, link } = further.pick(devices);
    const client = further.pick(clients);
    const canCut = !link.isCut;
    const canCrash = client.mode === 'open';
    if (canCut && further.chance(0.4)) cut(name, link);
    else if (canCrash && further.chance(0.4)) client.crash();
    else restartServer(further.int(20_000));
  };

  return {
    disturb(step) {
      if (step >= steps / 2 && world.trace.injected < plan.leastFaults) injectOne();
      disturbLinks();
      disturbTokens(step);
      if (crashSteps.includes(step)) crash(random.pick(clients));
      if (restartSteps.includes(step)) restartServer(random.int(20_000));
      if (restoreSteps.includes(step)) restoreServer();
      for (const client of clients) if (client.mode === 'closed' && random.chance(0.3)) client.open();
      if (random.chance(0.02)) random.pick(clients).page(random.pick(['visible', 'hidden', 'resumed']));
    },
    end() {
      world.heal();
      for (const device of devices) {
        device.disk.crashAt(Infinity, () => undefined);
        device.disk.setFaults(world.faults());
        device.link.mend();
        if (expired.has(device)) renewToken(device);
      }
    },
  };
}
