import { createActor, fromPromise } from 'xstate';
import {
  entityMachine,
  type EntityInput,
  type LostOutcome,
  type ResolutionOutcome,
} from '../../../machines/entity.machine.ts';
import { createEntityRegistry, type RegistryEvent } from '../../../src/actors/entity-registry.ts';
import { atMost, type Benchmark } from '../benchmark.ts';
import { collection, indexes, itemId } from '../entities.ts';
import { alternate, count, growthLine, timed, type Sample } from '../measure.ts';

type EntityEvent = Extract<RegistryEvent, { type: 'entity.tell' }>['event'];

const sizes = [100, 1_000, 10_000];
const transitions: readonly EntityEvent[] = [
  { type: 'conflict.found' },
  { type: 'base.moved' },
  { type: 'request.refused' },
];

/** Entities in trouble: an actor each, spawned, sent through three transitions, stopped. */
export const benchmark: Benchmark = async ({ rounds }) => {
  const samples = Object.fromEntries(sizes.map((live) => [count(live), perActor(live)]));
  const msByLive = await alternate(samples, rounds, 2);
  return [growthLine('spawn, three transitions, stop, per live entity actor', msByLive, atMost(2))];
};

function perActor(live: number): Sample {
  const repeats = Math.max(1, 1_000 / live);
  return async () => {
    let ms = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) ms += await liveOnce(live);
    return ms / live / repeats;
  };
}

async function liveOnce(live: number): Promise<number> {
  const pending = <T>() => fromPromise<T, EntityInput>(() => new Promise<T>(() => undefined));
  const entity = entityMachine.provide({
    actors: {
      resolveConflict: pending<ResolutionOutcome>(),
      recordResolution: pending<void>(),
      askOutcome: pending<LostOutcome>(),
    },
  });
  const registry = createActor(createEntityRegistry(entity)).start();
  registry.send({ type: 'leadership.taken' });
  const tell = (event: EntityEvent, trouble?: 'unknown') => {
    for (const index of indexes(live)) {
      const about = { collection, entityId: itemId(index), event, ...(trouble ? { trouble } : {}) };
      registry.send({ type: 'entity.tell', ...about });
    }
  };
  const ms = await timed(() => {
    tell({ type: 'outcome.lost' }, 'unknown');
    for (const event of transitions) tell(event);
    tell({ type: 'refusal.lifted' });
  });
  if (registry.getSnapshot().context.live !== 0) throw new Error('Not all actors ended.');
  registry.stop();
  return ms;
}
