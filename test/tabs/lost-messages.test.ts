import { afterEach, expect, it } from 'vitest';
import { createGate } from '../support/gate.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

it('S25 G18 a follower shows how the leader stands within a patrol, though the message that said so was lost', async () => {
  let isLossy = false;
  world = createTabWorld({ loses: (message) => isLossy && (message as { type: string }).type === 'status' });
  const first = await world.open();
  const second = await world.open();
  const shown = () => second.sync.getSnapshot().queue;
  const gate = createGate();
  world.backend.once('create', async (_, apply) => {
    await gate.opened;
    return apply();
  });
  first.sync.collection('tasks').put({ id: '1', title: 'by the leader' });
  await world.settle();
  expect(shown()).toBe('draining');
  isLossy = true;
  gate.open();
  await world.settle();
  expect([first.sync.getSnapshot().queue, shown()]).toEqual(['idle', 'draining']);
  isLossy = false;
  await world.advance(30_000);
  expect(shown()).toBe('idle');
});
