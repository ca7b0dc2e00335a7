import { afterEach, describe, expect, it } from 'vitest';
import { EpochChangedError } from '../../src/index.ts';
import { loseAnswer, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
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
