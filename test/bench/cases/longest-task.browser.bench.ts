import { createHttpApiClient } from '../../../src/index.ts';
import { incoming } from '../incoming.ts';
import { atMost, type Benchmark } from '../benchmark.ts';
import { creates } from '../draining.ts';
import { collection, itemId, type Item } from '../entities.ts';
import { alternate, formatMs } from '../measure.ts';
import { openInBrowser, quiet } from '../services.ts';

const operations = 10_000;

/** The page stays usable while operations go out and changes come in, with a live query on each side. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const { ours } = await alternate({ ours: () => busy(origin) }, rounds);
  return [
    {
      work: 'longest task while 10,000 operations drain and 10,000 changes arrive',
      ours: formatMs(ours),
      limit: '50 ms',
      measured: ours,
      unit: 'ms',
      target: atMost(50),
    },
  ];
};

async function busy(origin: string): Promise<number> {
  const { service, remove } = await openInBrowser(origin, {}, createHttpApiClient({ url: origin }));
  service.pause();
  await creates(operations)(service);
  const first = { where: ({ done }: Item) => !done, orderBy: 'title', limit: 50 } as const;
  const outgoing = service.collection(collection).query(first).result$.subscribe();
  await quiet(500);
  const watch = watchTasks();
  service.resume();
  const arriving = service.collection(incoming).query(first).result$.subscribe();
  await Promise.all([service.whenSynced(), service.collection(incoming).pull()]);
  const longestMs = watch.end();
  if (!service.collection(incoming).has(itemId(operations - 1))) throw new Error('Not all changes arrived.');
  outgoing.unsubscribe();
  arriving.unsubscribe();
  await remove();
  return longestMs;
}

interface TaskWatch {
  /** Longest time, in milliseconds, for which a message of the page to itself had to wait. */
  end(): number;
}

/** A message that is posted as soon as the one before it has arrived waits for whatever task comes between. */
function watchTasks(): TaskWatch {
  const { port1, port2 } = new MessageChannel();
  let postedAt = performance.now();
  let longestMs = 0;
  const post = (): void => {
    postedAt = performance.now();
    port2.postMessage(null);
  };
  port1.onmessage = () => {
    longestMs = Math.max(longestMs, performance.now() - postedAt);
    post();
  };
  post();
  return {
    end() {
      longestMs = Math.max(longestMs, performance.now() - postedAt);
      port1.close();
      return longestMs;
    },
  };
}
