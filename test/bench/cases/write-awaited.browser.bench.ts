import { atMost, type Benchmark } from '../benchmark.ts';
import { collection, makeItem } from '../entities.ts';
import { alternate, count, ratioLine, timed } from '../measure.ts';
import { openRawDatabase, removeDatabase } from '../raw/database.ts';
import { rawRequest } from '../raw/request.ts';
import { openInBrowser } from '../services.ts';

const writes = 1_000;

/** Awaited durable writes, one after the other. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const sides = await alternate({ ours: () => ours(origin), raw }, 3 * rounds);
  const work = `${count(writes)} awaited durable writes, each`;
  const limit = 'one IndexedDB transaction per put';
  return [ratioLine(work, sides.ours / writes, sides.raw / writes, limit, atMost(1.3))];
};

async function ours(origin: string): Promise<number> {
  const { service, remove } = await openInBrowser(origin);
  service.pause();
  const items = service.collection(collection);
  const ms = await timed(async () => {
    for (let index = 0; index < writes; index += 1) await items.put(makeItem(index)).durable;
  });
  await remove();
  return ms;
}

async function raw(): Promise<number> {
  const database = await openRawDatabase('raw');
  const ms = await timed(async () => {
    for (let index = 0; index < writes; index += 1) await database.put(index, JSON.stringify(rawRequest(index)));
  });
  database.close();
  await removeDatabase('raw');
  return ms;
}
