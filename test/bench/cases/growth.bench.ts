import type { ApiClient } from '../../../src/index.ts';
import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { collection, firstInstant, itemId, itemRecord, makeItem, type Item } from '../entities.ts';
import { alternate, count, growthLine, timed, type Sample } from '../measure.ts';
import { createAgreeingBackend, createSilentBackend, openInNode, quiet, seed, type Service } from '../services.ts';

const perSample = 100;

/** One event, whatever the number of entities or operations around it. */
export const benchmark: Benchmark = async ({ rounds }) => {
  const lines: Line[] = [];
  const measure = async (work: string, sizes: readonly number[], make: (size: number) => Promise<Measuring>) => {
    const measurings: Measuring[] = [];
    for (const size of sizes) measurings.push(await make(size));
    const samples = Object.fromEntries(
      sizes.map((size, index) => [count(size), (measurings[index] as Measuring).sample]),
    );
    lines.push(growthLine(work, await alternate(samples, rounds * 8, 5), atMost(1.5)));
    for (const { service } of measurings) await service.close();
  };
  await measure('one write, by entities', [100, 10_000, 100_000], writing);
  await measure('one acknowledgement, by operations pending', [100, 10_000, 100_000], acknowledging);
  await measure('one remote change, by entities', [100, 10_000, 100_000], receiving);
  await measure('one emission of a live query of 50, by entities', [100, 1_000, 10_000], emitting);
  return lines;
};

interface Measuring {
  readonly service: Service;
  readonly sample: Sample;
}

/** Every entity is hit in turn, spread over the whole collection. */
function createWalk(size: number): () => number {
  let at = 0;
  return () => (at = (at + 7_919) % size);
}

async function seeded(size: number, apiClient = createSilentBackend()): Promise<Service> {
  const service = await openInNode(apiClient);
  service.pause();
  await seed(service, size);
  await quiet(500);
  return service;
}

async function writing(size: number): Promise<Measuring> {
  const service = await seeded(size, createAgreeingBackend());
  const items = service.collection(collection);
  const next = createWalk(size);
  let priority = 10;
  const sample = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (let write = 0; write < perSample; write += 1) {
        priority += 1;
        await items.patch(itemId(next()), { priority }).durable;
      }
    });
    await settle(service);
    return ms / perSample;
  };
  return { service, sample };
}

/** Operations that pile up on one entity are another matter. */
async function settle(service: Service): Promise<void> {
  service.resume();
  await service.whenSynced();
  service.pause();
}

async function acknowledging(size: number): Promise<Measuring> {
  const gate = createGate();
  const service = await openInNode(gate.apiClient, { concurrency: 1 });
  service.pause();
  const items = service.collection(collection);
  let written = 0;
  const write = async (operations: number): Promise<void> => {
    const writes = [];
    for (let operation = 0; operation < operations; operation += 1) writes.push(items.put(makeItem(written++)).durable);
    await Promise.all(writes);
  };
  await write(size);
  await quiet(500);
  service.resume();
  const sample = async (): Promise<number> => {
    await write(perSample);
    await quiet(20);
    return gate.pass();
  };
  return { service, sample };
}

interface Gate {
  readonly apiClient: ApiClient;
  /** Lets as many requests be answered at once as a sample has; there are always more. Milliseconds per request. */
  pass(): Promise<number>;
}

function createGate(): Gate {
  let left = 0;
  let open = (): void => undefined;
  let passed = (): void => undefined;
  let opened = new Promise<void>((resolve) => (open = resolve));
  const silent = createSilentBackend();
  return {
    apiClient: {
      ...silent,
      async create(_, entity) {
        if (left === 0) {
          passed();
          await opened;
        }
        left -= 1;
        return { entity: { ...entity, version: 1 }, version: 1, updatedAt: firstInstant };
      },
    },
    async pass() {
      const done = new Promise<void>((resolve) => (passed = resolve));
      const startedAt = performance.now();
      left = perSample;
      open();
      opened = new Promise<void>((resolve) => (open = resolve));
      await done;
      return (performance.now() - startedAt) / perSample;
    },
  };
}

async function receiving(size: number): Promise<Measuring> {
  const service = await seeded(size);
  return hearingChanges(service, createWalk(size), (heard) => {
    service.collection(collection).changes$.subscribe(heard);
  });
}

async function emitting(size: number): Promise<Measuring> {
  const service = await seeded(size);
  const query = { where: (item: Item) => item.priority >= 0, orderBy: 'id', limit: 50 } as const;
  return hearingChanges(service, createWalk(50), (heard) => {
    service.collection(collection).query(query).result$.subscribe(heard);
  });
}

/** Takes in one change after the other, each when the one before was heard of. */
function hearingChanges(service: Service, next: () => number, listen: (heard: () => void) => void): Measuring {
  const items = service.collection(collection);
  let version = 1;
  let heard = (): void => undefined;
  listen(() => heard());
  const sample = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (let change = 0; change < perSample; change += 1) {
        const told = new Promise<void>((resolve) => (heard = resolve));
        version += 1;
        const { entity, ...record } = itemRecord(next(), version);
        void items.receive([{ ...record, entity: entity && ({ ...entity, priority: version } as typeof entity) }]);
        await told;
      }
    });
    return ms / perSample;
  };
  return { service, sample };
}
