import { afterEach, describe, expect, it } from 'vitest';
import { EpochChangedError } from '../../src/index.ts';
import { neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
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
});
