import { afterEach, expect, it } from 'vitest';
import { loseAnswer, loseRequest } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;

afterEach(() => world.closeAll());

it('G4 S38 what was created, deleted by others, and left out by a snapshot before the create was acknowledged is gone', async () => {
  world = createServiceWorld();
  world.backend.always('changes', loseRequest);
  world.backend.once('create', loseAnswer);
  const sync = await world.open();
  sync.collection('tasks').put({ id: '1', title: 'mine' });
  await world.runUntil(() => Boolean(world.backend.record('tasks', '1')?.entity));
  world.backend.edit('tasks', '1', null);
  world.backend.always('changes', null);
  await world.advance(60_000);
  expect([sync.queue.size, sync.collection('tasks').has('1')]).toEqual([0, false]);
});
