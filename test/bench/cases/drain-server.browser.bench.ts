import { atMost, type Benchmark, type World } from '../benchmark.ts';
import { creates, drainOurs } from '../draining.ts';
import { alternate, count, formatMs } from '../measure.ts';

const operations = 10_000;

/** The real server on its embedded database, in a process of its own. */
export const benchmark: Benchmark = async (world) => {
  const { ours } = await alternate({ ours: () => drainToServer(world) }, Math.min(world.rounds, 3));
  return [
    {
      work: `drain ${count(operations)} operations to the real server, acknowledged`,
      ours: formatMs(ours),
      limit: '3 s',
      measured: ours,
      unit: 'ms',
      target: atMost(3_000),
    },
  ];
};

async function drainToServer(world: World): Promise<number> {
  const url = await world.startServer();
  const ms = await drainOurs(url, creates(operations));
  await world.stopServer();
  return ms;
}
