import { createHttpApiClient, type ApiClient } from '../../../src/index.ts';
import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { creates, drainOurs } from '../draining.ts';
import { alternate, count, ratioLine } from '../measure.ts';
import { sendEach } from '../raw/drain.ts';

const concurrency = 6;

/** One request per operation: a backend without `batch`. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const lines: Line[] = [];
  for (const operations of [100, 1_000, 10_000]) {
    const isLong = operations === 10_000;
    const sides = await alternate(
      {
        ours: () => drainOurs(origin, creates(operations), withoutBatch(origin), { concurrency }),
        raw: () => sendEach(origin, operations, concurrency),
      },
      isLong ? Math.max(1, Math.floor(rounds / 3)) : rounds,
      isLong ? 0 : 1,
    );
    const work = `drain ${count(operations)} operations without batch`;
    lines.push(ratioLine(work, sides.ours, sides.raw, 'fetch, 6 at a time', isLong ? atMost(1.3) : null));
  }
  return lines;
};

function withoutBatch(url: string): ApiClient {
  const { batch: _, ...apiClient } = createHttpApiClient({ url });
  return apiClient;
}
