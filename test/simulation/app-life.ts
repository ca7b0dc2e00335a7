import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import { createAppActions, type Target } from './app-actions.ts';
import { createAppDecisions } from './app-decisions.ts';
import type { EffectLedger } from './effect-ledger.ts';
import type { SimulatedClient, SimulatedService } from './simulated-client.ts';
import { collectionNames } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** What one client's user does, at random. */
export interface AppLife {
  act(): void;
  decide(): void;
}

type Weighted = readonly [weight: number, act: () => void];

/** The user of one client, with chance of their own. */
export function createAppLife(
  world: World,
  client: SimulatedClient,
  ledger: EffectLedger,
  random: SeededRandom,
): AppLife {
  const actions = createAppActions(world, client, ledger, random);
  const decisions = createAppDecisions(world, client, ledger, random);
  let ownEntities = 0;

  const ownTarget = (): Target => ({
    collection: random.pick(collectionNames),
    id: `${client.name}-own-${++ownEntities}`,
  });
  const target = (): Target =>
    random.chance(0.15)
      ? ownTarget()
      : { collection: random.pick(collectionNames), id: `shared-${random.int(world.shape.sharedEntities)}` };
  const targets = (): readonly Target[] => Array.from({ length: 2 + random.int(3) }, target);
  const ignoreFailure = (promise: Promise<unknown>): void => {
    promise.catch(() => undefined);
  };
  const calling = (what: string, act: (service: SimulatedService) => void) => (): void => {
    world.trace.note(`${client.name} calls ${what}()`);
    if (client.service) act(client.service);
  };

  const choices: Weighted[] = [
    [30, () => actions.patch(target())],
    [12, () => actions.put(target())],
    [7, () => actions.delete(target())],
    [8, () => actions.sync(target())],
    [6, () => actions.batch(targets())],
    [4, () => actions.openForm(target())],
    [4, actions.submitForm],
    [5, decisions.decide],
    [2, calling('flush', (service) => ignoreFailure(service.flush()))],
    [2, calling('pull', (service) => ignoreFailure(service.pull()))],
    [2, calling('load', (service) => ignoreFailure(service.collection('tasks').load(target().id)))],
    [2, calling('pause', (service) => service.pause())],
    [4, calling('resume', (service) => service.resume())],
    [3, calling('enableRealTime', (service) => service.enableRealTime())],
    [1, calling('disableRealTime', (service) => service.disableRealTime())],
    [2, client.close],
  ];
  if (world.shape.references)
    choices.push([8, () => actions.family(ownTarget().id, { ...target(), collection: 'notes' })]);
  const totalWeight = choices.reduce((sum, [weight]) => sum + weight, 0);

  return {
    act() {
      if (!client.service || client.isFrozen) return;
      if (!client.isReady) {
        actions.put(ownTarget());
        return;
      }
      let left = random.next() * totalWeight;
      const chosen = choices.find(([weight]) => (left -= weight) < 0);
      try {
        chosen?.[1]();
      } catch (error) {
        world.trace.violate(`S20 a call of ${client.name} threw ${(error as Error).stack}`);
      }
    },
    decide: decisions.decide,
  };
}
