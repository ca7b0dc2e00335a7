import { afterEach, expect, it } from 'vitest';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

it('G1 what a deposed leader drafts anew is in a page when it leads again', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  for (const { sync } of [first, second]) sync.pause();
  await world.settle();
  first.life.freeze();
  await world.advance(20_000);
  expect(second.sync.getSnapshot().role).toBe('leader');
  first.life.thaw();
  second.life.kill();
  const tasks = first.sync.collection('tasks');
  const write = tasks.put({ id: '1', title: 'drafted anew' });
  await world.advance(20_000);
  await write.durable;
  expect(first.sync.getSnapshot().role).toBe('leader');
  for (let number = 0; number < 5; number += 1) tasks.put({ id: `large-${number}`, text: 'x'.repeat(300_000) });
  await world.advance(120_000);
  first.life.kill();
  const third = await world.open();
  expect(third.sync.collection('tasks').get('1')).toMatchObject({ title: 'drafted anew' });
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'drafted anew' });
  expect(world.backend.effects.length).toBe(6);
});
