import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { EffectLedger } from './effect-ledger.ts';
import type { SimulatedClient, SimulatedService } from './simulated-client.ts';
import { marksOf, type CollectionName, type Task } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** What an app decides for its user when the engine asks. */
export interface AppDecisions {
  /** One decision about a parked operation or an open conflict, if there is any. */
  decide(): void;
}

/** The decisions of one client, with chance of their own. */
export function createAppDecisions(
  { trace }: World,
  client: SimulatedClient,
  ledger: EffectLedger,
  random: SeededRandom,
): AppDecisions {
  const { name } = client;
  const ignoreLate = (promise: Promise<unknown>): void => {
    promise.then(undefined, (error: unknown) => {
      trace.note(`${name} could not decide: ${String(error)}`);
    });
  };

  const decideParked = (service: SimulatedService): boolean => {
    const operation = service.queue.parked()[0];
    if (!operation) return false;
    const choice = random.pick(['retry', 'edit', 'discard'] as const);
    trace.note(`${name} decides to ${choice} ${operation.collection}/${operation.entityId}`);
    const view = service.collection(operation.collection as CollectionName).get(operation.entityId);
    if (choice === 'edit' && view) {
      client.oracle.noteEdited(operation.collection, operation.entityId);
      ignoreLate(service.queue.edit(operation.id, { ...(view as Task), note: 'mended' }));
    } else if (choice === 'retry') ignoreLate(service.queue.retry(operation.id));
    else ignoreLate(service.queue.discard(operation.id));
    return true;
  };
  const decideConflict = (service: SimulatedService): void => {
    const conflict = service.conflicts.list().find(({ status }) => status === 'open');
    if (!conflict) return;
    const choice = random.pick(['local', 'remote'] as const);
    const { collection, entityId, remote } = conflict;
    trace.note(`${name} decides for the ${choice} ${collection}/${entityId}`);
    if (choice === 'local') ledger.noteDecidedOver(collection, entityId, marksOf(remote));
    ignoreLate(service.conflicts.resolve(conflict.id, choice));
  };

  return {
    decide() {
      const { service, isReady, isFrozen } = client;
      if (service && isReady && !isFrozen && !decideParked(service)) decideConflict(service);
    },
  };
}
