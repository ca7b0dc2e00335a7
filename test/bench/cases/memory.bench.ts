import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { collection, itemId, itemRecord } from '../entities.ts';
import { count } from '../measure.ts';
import { createSilentBackend, openInNode, quiet, seed, type Service } from '../services.ts';

const entities = 50_000;

/** Heap per entity, with storage that keeps nothing in memory. */
export const benchmark: Benchmark = async () => {
  const json = JSON.stringify(itemRecord(entities / 2).entity).length;
  const before = await heapBytes();
  const service = await openInNode(createSilentBackend());
  service.pause();
  await seed(service, entities);
  const clean = ((await heapBytes()) - before) / entities;
  await change(service);
  const pending = ((await heapBytes()) - before) / entities;
  await service.close();
  return [
    memoryLine(`memory per entity among ${count(entities)}, clean`, clean, json, 3),
    memoryLine(`memory per entity among ${count(entities)}, with one pending operation`, pending, json, 6),
  ];
};

async function change(service: Service): Promise<void> {
  const items = service.collection(collection);
  let last = Promise.resolve();
  for (let index = 0; index < entities; index += 1)
    last = items.patch(itemId(index), { priority: 100 + index }).durable;
  await last;
}

async function heapBytes(): Promise<number> {
  await quiet(1_000);
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('Needs --expose-gc.');
  gc();
  await quiet(50);
  gc();
  return process.memoryUsage().heapUsed;
}

function memoryLine(work: string, bytes: number, json: number, target: number): Line {
  return {
    work,
    ours: `${Math.round(bytes)} B`,
    limit: `its JSON: ${json} B`,
    measured: bytes / json,
    unit: 'x',
    target: atMost(target),
  };
}
