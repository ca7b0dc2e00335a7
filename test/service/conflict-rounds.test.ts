import { afterEach, describe, expect, it } from 'vitest';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;

afterEach(() => world.closeAll());

const counting = { fields: { '/n': 'counter' } } as const;

describe('a counter that others change over and over', () => {
  it('S19 is counted on while nothing is sent, however often: no request was in vain', async () => {
    const others = 25;
    world = createServiceWorld();
    world.backend.edit('tasks', '1', { n: 0 });
    const sync = await world.open({ collections: { tasks: counting } });
    const tasks = sync.collection('tasks');
    await tasks.pull();
    sync.pause();
    tasks.patch('1', { n: 1 });
    for (let n = 1; n <= others; n += 1) {
      world.backend.edit('tasks', '1', { n });
      await tasks.pull();
      await world.settle();
    }
    sync.resume();
    await world.advance(60_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: others + 1 });
  });

  it('S19 awaits a decision after 10 rounds also where each look at it before sending finds another number', async () => {
    world = createServiceWorld();
    world.backend.edit('tasks', '1', { n: 0 });
    const sync = await world.open({ collections: { tasks: { ...counting, detectConflicts: 'compare' } } });
    const tasks = sync.collection('tasks');
    await tasks.pull();
    let looks = 0;
    world.backend.always('get', async (_, apply) => {
      looks += 1;
      world.backend.edit('tasks', '1', { n: looks });
      return apply();
    });
    tasks.patch('1', { n: 1 });
    await world.advance(600_000);
    expect([looks, sync.conflicts.list().filter(({ status }) => status === 'open').length]).toEqual([11, 1]);
  });
});
