import { afterEach, describe, expect, it } from 'vitest';
import { ForbiddenError, type AnyCollections, type ChangePage, type ISyncService } from '../../src/index.ts';
import { loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;

afterEach(() => world.closeAll());

const empty: ChangePage = { changes: [], cursor: '0', hasMore: false, snapshot: true };

/** A client whose own entity is acknowledged, while its feed was never read. */
async function openWithEntity(): Promise<ISyncService<AnyCollections>> {
  world = createServiceWorld();
  world.backend.always('changes', loseRequest);
  const sync = await world.open({ conflict: 'manual' });
  sync.collection('tasks').put({ id: '1', title: 'mine' });
  await world.runUntil(() => sync.queue.size === 0);
  sync.pause();
  return sync;
}

describe('a snapshot that leaves out an entity over which something is pending', () => {
  it('G1 G12 S38 ends no deletion: a cache gave one from before the entity was made', async () => {
    const sync = await openWithEntity();
    sync.collection('tasks').delete('1');
    world.backend.always('changes', null);
    world.backend.once('changes', () => empty);
    await world.advance(60_000);
    sync.resume();
    await world.advance(60_000);
    await sync.pull();
    expect([world.backend.entity('tasks', '1'), sync.collection('tasks').has('1')]).toEqual([undefined, false]);
  });

  it('S38 takes it for gone where the backend refuses to show it', async () => {
    const sync = await openWithEntity();
    sync.collection('tasks').patch('1', { title: 'mine, too' });
    world.backend.always('get', refuseWith(new ForbiddenError({ message: 'No.' })));
    world.backend.always('changes', () => empty);
    await world.advance(60_000);
    expect(sync.conflicts.list().map(({ remote }) => remote)).toEqual([null]);
  });

  it('S38 waits for the backend where it cannot be asked', async () => {
    const sync = await openWithEntity();
    sync.collection('tasks').delete('1');
    world.backend.always('get', loseRequest);
    world.backend.always('changes', () => empty);
    await world.advance(60_000);
    expect(sync.queue.size).toBe(1);
    world.backend.always('get', null);
    world.backend.edit('tasks', '1', null);
    await world.advance(60_000);
    expect(sync.queue.size).toBe(0);
  });
});
