import type { EffectLedger } from './effect-ledger.ts';
import type { SimulatedClient, SimulatedService } from './simulated-client.ts';
import { collectionNames, marksOf, originOf } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** Watches what apps see of the entities that all clients write to. */
export interface ViewWatch {
  /** Begins with the present life of a client, where it has not yet. */
  watch(client: SimulatedClient): void;
}

/** G9: an own write that is shown does not vanish and come back, unless the backend or a decision took it away meanwhile. */
export function createViewWatch(world: World, ledger: EffectLedger): ViewWatch {
  const { trace, shape } = world;
  const watched = new WeakSet<SimulatedService>();

  const follow = (client: SimulatedClient, key: string, views: Views): void => {
    let shown: readonly string[] = [];
    const gone = new Set<string>();
    views.subscribe((entity) => {
      const marks = marksOf(entity).filter((mark) => originOf(mark).client === client.name);
      for (const mark of shown) if (!marks.includes(mark)) gone.add(mark);
      for (const mark of marks) if (gone.delete(mark) && !isExcused(client, mark)) tell(client, key, mark);
      shown = marks;
    });
  };
  /** By any tab of the device: of one user's tabs the later has the last word, and what it had not seen survives. */
  const isExcused = ({ oracle, device, mayBeOvertaken }: SimulatedClient, mark: string): boolean => {
    const entry = oracle.writes.find((write) => write.mark === mark);
    const { collection, id } = entry ?? {};
    const hasRecord = device.oracles.some(({ conflicts }) =>
      [...conflicts.values()].some((record) => record.collection === collection && record.entityId === id),
    );
    const wasDeleted = device.oracles.some(({ writes }) =>
      writes.some((write) => write.mark === null && write.collection === collection && write.id === id),
    );
    /** Where another tab keeps the state that it was opened on, it is shown whole only until that one has merged it (S13). */
    const wasCovered = device.oracles.some(({ writes, lateForms }) =>
      writes.some((write) => lateForms.has(write.mark ?? '') && write.collection === collection && write.id === id),
    );
    return (
      // A page of a feed without versions may be older than what the client has seen.
      shape.backend === 'plain' ||
      mayBeOvertaken ||
      hasRecord ||
      wasDeleted ||
      wasCovered ||
      ledger.hasEverRemoved(mark) ||
      ledger.hasLost(mark) ||
      // What had been there before, told while the create was out, may as well have come after it: strings do not say (S12).
      (shape.versions === 'string' && ledger.hasMadeAnew(mark)) ||
      // What was refused may have been doubled on its way, and take effect after it was given up.
      entry?.discarded ||
      entry?.durable === 'no'
    );
  };
  const tell = ({ name }: SimulatedClient, key: string, mark: string): void => {
    trace.violate(`G9 ${name} showed its own ${mark} of ${key}, then not, then again`);
  };

  return {
    watch(client) {
      const { service } = client;
      if (!service || watched.has(service)) return;
      watched.add(service);
      for (const collection of collectionNames) {
        for (let at = 0; at < shape.sharedEntities; at += 1) {
          const id = `shared-${at}`;
          follow(client, `${collection}/${id}`, service.collection(collection).entity$(id));
        }
      }
    },
  };
}

type Views = ReturnType<ReturnType<SimulatedService['collection']>['entity$']>;
