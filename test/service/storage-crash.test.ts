import { describe, expect, it } from 'vitest';
import { createSyncService, type ApiClient, type ISyncService, type Write } from '../../src/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld, watch, type ServiceWorld, type ServiceWorldOptions } from '../support/service-world.ts';

interface Fate {
  /** By entity: what was written, in order, and whether `durable` resolved. */
  readonly written: Map<string, { readonly value: string | null; readonly isDurable: () => boolean }[]>;
  readonly steps: number;
}

const large = 'x'.repeat(300_000);

/** An ApiClient of a process that may be dead: then nothing leaves it and nothing comes back. */
function mortal(client: ApiClient, isDead: () => boolean): ApiClient {
  const never = new Promise<never>(() => undefined);
  const wrap = <A extends readonly unknown[], R>(call: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      if (isDead()) return never;
      const answer = await call(...given);
      return isDead() ? never : answer;
    };
  };
  return {
    ...client,
    get: wrap(client.get),
    create: wrap(client.create),
    update: wrap(client.update),
    delete: wrap(client.delete),
    ...(client.batch ? { batch: wrap(client.batch) } : {}),
    ...(client.changes ? { changes: wrap(client.changes) } : {}),
    ...(client.probe ? { probe: wrap(client.probe) } : {}),
  };
}

async function live(world: ServiceWorld, items: Map<string, unknown>, deathStep: number): Promise<Fate> {
  const storage = createPlannedStorage(items);
  const isDead = () => storage.calls.length >= deathStep;
  const lastWords = deathStep % 2 === 0 ? 'unanswered' : 'silent';
  storage.plan(({ step }) => (step < deathStep ? 'done' : step === deathStep ? lastWords : 'silent'));
  const sync = createSyncService(mortal(world.backend.apiClient, isDead), {
    storage,
    environment: world.environment,
    collections: { tasks: {} },
  });
  const written: Fate['written'] = new Map();
  const note = (id: string, value: string | null, write: Write<unknown>) => {
    let isDurable = false;
    write.durable.then(
      () => (isDurable = !isDead()),
      () => undefined,
    );
    written.set(id, [...(written.get(id) ?? []), { value, isDurable: () => isDurable }]);
  };
  const tasks = sync.collection('tasks');
  const put = (id: string, title: string) => note(id, title, tasks.put({ id, title }));

  put('a', 'early');
  put('b', 'early');
  await world.settle();
  put('a', 'second');
  note('b', null, tasks.delete('b'));
  await world.settle();
  sync.pause();
  put('a', 'while paused');
  sync.batch(() => {
    put('c', 'batch');
    put('d', 'batch');
  });
  await world.settle();
  note('d', null, tasks.delete('d'));
  world.backend.edit('tasks', 'foreign', { title: 'theirs' });
  sync.resume();
  await world.settle();
  for (const id of ['e', 'f', 'g', 'h']) note(id, large, tasks.put({ id, title: large }));
  await world.advance(2_000);
  put('e', 'small');
  note('f', null, tasks.delete('f'));
  await world.advance(2_000);
  put('b', 'again');
  await world.advance(2_000);
  const closed = watch(sync.close());
  await world.advance(60_000);
  if (deathStep === Infinity) expect(closed().is).toBe('resolved');
  return { written, steps: storage.calls.length };
}

async function settleAll(world: ServiceWorld, sync: ISyncService): Promise<void> {
  const flushed = watch(sync.flush());
  await world.runUntil(() => flushed().is !== 'open');
  expect(flushed().is).toBe('resolved');
}

async function crashAt(deathStep: number, options: ServiceWorldOptions): Promise<number> {
  const items = new Map<string, unknown>();
  const world = createServiceWorld(options);
  const { written, steps } = await live(world, items, deathStep);
  const storage = createPlannedStorage(new Map(items));
  const sync = await world.open({ storage, collections: { tasks: {} } });
  await settleAll(world, sync);
  const lost = [...written].flatMap(([id, writes]) => {
    const found = world.backend.entity('tasks', id)?.title ?? null;
    const last = writes.findLastIndex(({ isDurable }) => isDurable());
    const allowed = writes.slice(Math.max(0, last)).map(({ value }) => value);
    if (last < 0) allowed.push(null);
    return allowed.includes(found as string | null) ? [] : [{ id, found, allowed }];
  });
  expect({ deathStep, lost, conflicts: sync.conflicts.list(), parked: sync.queue.parked() }).toEqual({
    deathStep,
    lost: [],
    conflicts: [],
    parked: [],
  });
  expect(new Set(world.backend.effects).size).toBe(world.backend.effects.length);
  const local = new Map(
    sync
      .collection('tasks')
      .list()
      .map((task) => [task.id, (task as { title: string }).title]),
  );
  for (const id of written.keys())
    expect([deathStep, id, local.get(id) ?? null]).toEqual([
      deathStep,
      id,
      world.backend.entity('tasks', id)?.title ?? null,
    ]);
  await sync.close();
  return steps;
}

describe('a crash after any storage step', () => {
  it.each<[string, ServiceWorldOptions]>([
    ['one request at a time', {}],
    ['batches', { batch: true }],
  ])('G1 loses nothing that was durable and sends nothing twice: %s', { timeout: 120_000 }, async (_, options) => {
    const steps = await crashAt(Infinity, options);
    expect(steps).toBeGreaterThan(20);
    for (let step = 1; step <= steps; step += 1) await crashAt(step, options);
  });
});
