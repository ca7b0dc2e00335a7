import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { creates, drainOurs } from '../draining.ts';
import { alternate, count, ratioLine } from '../measure.ts';
import { drainRaw } from '../raw/drain.ts';

/** Durable operations, each on an entity of its own, in batches to a server that answers at once. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const lines: Line[] = [];
  for (const operations of [100, 1_000, 10_000]) {
    const sides = await alternate(
      { ours: () => drainOurs(origin, creates(operations)), raw: () => drainRaw(origin, operations) },
      rounds,
    );
    const target = operations === 10_000 ? atMost(1.5) : null;
    const work = `drain ${count(operations)} operations in batches`;
    lines.push(ratioLine(work, sides.ours, sides.raw, 'raw batches of 100', target));
  }
  return lines;
};
