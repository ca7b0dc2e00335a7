import { afterEach, describe, expect, it } from 'vitest';
import type { ChangePage } from '../../src/index.ts';
import { loseRequest } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;

afterEach(() => world.closeAll());

async function snapshot(): Promise<ChangePage> {
  const page = await world.backend.apiClient.changes?.('tasks', { cursor: null, limit: 100 }, {
    clientId: 'x',
  } as never);
  return page as ChangePage;
}

describe('an own change that the feed tells when what it made is not held any more', () => {
  it('G4 S12 is looked at: a snapshot from before it had left the entity out', async () => {
    world = createServiceWorld();
    const earlier = await snapshot();
    world.backend.always('changes', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', title: 'mine' });
    await world.runUntil(() => sync.queue.size === 0);
    world.backend.always('changes', null);
    world.backend.once('changes', () => earlier);
    await world.advance(60_000);
    expect(sync.collection('tasks').has('1')).toBe(false);
    await sync.pull();
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'mine' });
  });

  it('G4 S39 is taken: a backup knows nothing of what others made of it since', async () => {
    world = createServiceWorld();
    world.backend.epoch = 'first';
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', title: 'mine' });
    await world.runUntil(() => sync.queue.size === 0);
    const backup = { ...(await snapshot()), epoch: 'second' };
    world.backend.edit('tasks', '1', { title: 'theirs' });
    await sync.pull();
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'theirs' });
    world.backend.epoch = 'second';
    world.backend.always('changes', () => backup);
    await sync.pull();
    await world.advance(60_000);
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'mine' });
  });
});
