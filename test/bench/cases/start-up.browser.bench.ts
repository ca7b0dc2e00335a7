import { createHttpApiClient, createSyncService } from '../../../src/index.ts';
import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { collection, itemId, itemRecord } from '../entities.ts';
import { alternate, count, ratioLine, timed } from '../measure.ts';
import { openRawDatabase, removeDatabase } from '../raw/database.ts';
import { openInBrowser, quiet, seed, type Items } from '../services.ts';

const rowsPerPage = 1_000;

/** From nothing to `ready`, with the entities in memory. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const lines: Line[] = [];
  for (const entities of [1_000, 10_000, 100_000]) {
    const name = `start-${entities}`;
    await store(origin, name, entities);
    await storeRaw(name, entities);
    const sides = await alternate(
      { ours: () => startOurs(origin, name, entities), raw: () => startRaw(name, entities) },
      3 * rounds,
    );
    await removeDatabase(`syncline-${name}`);
    await removeDatabase(name);
    const target = entities === 100_000 ? atMost(2) : null;
    lines.push(ratioLine(`start-up with ${count(entities)} entities`, sides.ours, sides.raw, 'raw pages', target));
  }
  return lines;
};

async function store(origin: string, name: string, entities: number): Promise<void> {
  const { service } = await openInBrowser(origin, { name });
  await seed(service, entities);
  await quiet(1_000 + entities / 50);
  await service.close();
}

async function storeRaw(name: string, entities: number): Promise<void> {
  const database = await openRawDatabase(name);
  for (let start = 0; start < entities; start += rowsPerPage) {
    const rows = Array.from(
      { length: Math.min(rowsPerPage, entities - start) },
      (_, index) => itemRecord(start + index).entity,
    );
    await database.put(start, JSON.stringify(rows));
  }
  database.close();
}

async function startOurs(url: string, name: string, entities: number): Promise<number> {
  const apiClient = createHttpApiClient({ url });
  const service = createSyncService<Items>(apiClient, { name });
  const ms = await timed(() => service.ready);
  if (!service.collection(collection).has(itemId(entities - 1))) throw new Error('Not all was loaded.');
  await quiet(50);
  await service.close();
  return ms;
}

async function startRaw(name: string, entities: number): Promise<number> {
  const entitiesById = new Map<string, object>();
  let close = (): void => undefined;
  const ms = await timed(async () => {
    const database = await openRawDatabase(name);
    ({ close } = database);
    const load = async (key: IDBValidKey): Promise<void> => {
      const rows = JSON.parse((await database.get(key)) as string) as readonly { readonly id: string }[];
      for (const row of rows) entitiesById.set(row.id, row);
    };
    await Promise.all((await database.keys()).map(load));
  });
  close();
  if (entitiesById.size !== entities) throw new Error('Not all was loaded.');
  return ms;
}
