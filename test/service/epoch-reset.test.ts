import { afterEach, describe, expect, it } from 'vitest';
import { EpochChangedError } from '../../src/index.ts';
import { loseAnswer, loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

const newLife = refuseWith(new EpochChangedError({ epoch: 'two' }));

describe("a new life of the server's data, on a backend without idempotency keys", () => {
  it('G5 S39 leaves nothing to ask about a request that had no answer yet: it goes again', async () => {
    world = createServiceWorld({ idempotent: false, changes: false });
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    world.backend.once('write', neverAnswer);
    const unanswered = watch(tasks.put({ id: 'c', n: 0 }).synced);
    await world.settle();
    world.backend.once('write', newLife);
    const refused = watch(tasks.put({ id: 'a', n: 0 }).synced);
    await world.advance(600_000);
    expect([unanswered(), refused()]).toMatchObject([
      { is: 'resolved', value: { id: 'c', n: 0 } },
      { is: 'resolved', value: { id: 'a', n: 0 } },
    ]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, blockers: [] });
    expect(world.backend.effects.length).toBe(2);
  });

  it('G2 S39 what was asked about a request of the old life says nothing of one whose answer is lost since', async () => {
    world = createServiceWorld({ idempotent: false, changes: false });
    const { backend } = world;
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    const sent = (id: string) => backend.writes().filter((call) => call.id === id).length;
    backend.once('write', loseAnswer);
    backend.once('get', world.after(5_000));
    const synced = watch(tasks.put({ id: 'c', n: 0 }).synced);
    await world.runUntil(() => backend.calls.some(({ method }) => method === 'get'));
    backend.edit('tasks', 'c', null);
    backend.once('write', newLife);
    tasks.put({ id: 'a', n: 0 });
    await world.runUntil(() => sent('a') === 1);
    backend.once('write', loseAnswer);
    await world.advance(600_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { id: 'c', n: 0 } });
    expect(sent('c')).toBe(2);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0, blockers: [] });
  });
});

describe("a create that is out when the server's data begins a new life", () => {
  const counting = { conflict: 'merge', collections: { tasks: { fields: { '/n': 'counter' } } } } as const;

  it('G2 S1 S39 goes again under its key: the backup that has it answers it, and it counts once', async () => {
    world = createServiceWorld();
    const { backend } = world;
    backend.epoch = 'one';
    const sync = await world.open(counting);
    const tasks = sync.collection('tasks');
    backend.once('write', loseAnswer);
    const synced = watch(tasks.put({ id: 'c', n: 1 }).synced);
    await world.settle();
    backend.epoch = 'two';
    tasks.put({ id: 'c', n: 3 });
    await world.advance(600_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { id: 'c', n: 1 } });
    expect(backend.entity('tasks', 'c')).toEqual({ id: 'c', n: 3 });
    const keys = backend
      .writes()
      .flatMap(({ method, context }) => (method === 'create' ? [context.idempotencyKey] : []));
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(backend.effects.length).toBe(2);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 });
  });

  it('G2 S1 S39 also after a restart of the client', async () => {
    world = createServiceWorld();
    const { backend } = world;
    backend.epoch = 'one';
    const sync = await world.open(counting);
    backend.once('write', loseAnswer);
    backend.once('write', (_, apply) => apply());
    backend.always('write', loseRequest);
    backend.always('changes', loseRequest);
    sync.collection('tasks').put({ id: 'c', n: 1 });
    await world.settle();
    backend.epoch = 'two';
    await world.advance(60_000);
    await world.closeAll();
    backend.always('write', null);
    const next = await world.open(counting);
    await world.advance(600_000);
    expect(next.collection('tasks').get('c')).toMatchObject({ n: 1 });
    expect(backend.effects.length).toBe(1);
    expect(next.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 });
  });

  it('G4 S39 is not acknowledged by an answer of the earlier life', async () => {
    world = createServiceWorld({ idempotent: false });
    const { backend } = world;
    backend.epoch = 'one';
    const sync = await world.open({ collections: { tasks: {} } });
    const tasks = sync.collection('tasks');
    backend.once('write', async (_, apply) => {
      const answer = await apply();
      await new Promise((resolve) => void world.clock.setTimeout(() => resolve(null), 5_000));
      return answer;
    });
    const synced = watch(tasks.put({ id: 'c', n: 0 }).synced);
    await world.settle();
    backend.edit('tasks', 'c', null);
    backend.epoch = 'two';
    await sync.pull();
    await world.advance(600_000);
    expect(backend.entity('tasks', 'c')).toEqual({ id: 'c', n: 0 });
    expect(synced()).toMatchObject({ is: 'resolved', value: { id: 'c', n: 0, version: 3 } });
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 });
  });
});
