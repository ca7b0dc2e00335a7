import { atMost, type Benchmark } from '../benchmark.ts';
import { creates, drainOurs, updates } from '../draining.ts';
import { alternate, ratioLine } from '../measure.ts';

/** As many operations, but ten on each entity. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const sides = await alternate(
    {
      folded: () => drainOurs(origin, updates(1_000, 10)),
      plain: () => drainOurs(origin, creates(10_000)),
    },
    rounds,
  );
  const work = 'drain 10,000 operations, ten on each of 1,000 entities';
  return [ratioLine(work, sides.folded, sides.plain, 'ours on 10,000 entities', atMost(0.4))];
};
