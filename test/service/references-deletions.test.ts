import { describe, expect, it } from 'vitest';
import { ConflictError, EpochChangedError, type ConflictResolver, type SyncOptions } from '../../src/index.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { makeStrictWorld, sentOf } from '../support/strict-world.ts';
import type { ServiceWorld } from '../support/service-world.ts';

const collections: SyncOptions['collections'] = { projects: {}, tasks: { references: { '/projectId': 'projects' } } };

function makeSlowWorld(): ServiceWorld {
  const world = makeStrictWorld();
  for (const type of ['update', 'delete'] as const) world.backend.always(type, world.after(100));
  return world;
}

/** Others delete a project that is edited here; then a task refers to it. */
async function referToDeleted(world: ServiceWorld, sync: Awaited<ReturnType<ServiceWorld['open']>>): Promise<void> {
  sync.collection('projects').put({ id: 'p', name: 'p' });
  await world.advance(1_000);
  world.backend.edit('projects', 'p', null);
  sync.collection('projects').patch('p', { name: 'kept' });
  await world.runUntil(() => sync.getSnapshot().conflicts === 1);
  sync.collection('tasks').put({ id: 't', projectId: 'p' });
  await world.advance(10_000);
}

describe('references and deletions', () => {
  it('S7 what refers to an entity that is deleted and made anew waits until the backend has it again', async () => {
    const world = makeSlowWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    await world.advance(1_000);
    sync.collection('projects').delete('p');
    await world.advance(50);
    sync.collection('projects').put({ id: 'p', name: 'again' });
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(1_000);
    expect(sentOf(world)).toEqual(['p', 'p', 'p', 't']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
  });

  it('S7 what refers to an entity that others deleted waits until a strategy has said whether it is made again', async () => {
    const world = makeSlowWorld();
    const local: ConflictResolver = async ({ local: entity }) => {
      await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 500));
      return { entity };
    };
    const sync = await world.open({ collections, conflict: local });
    await referToDeleted(world, sync);
    expect(sentOf(world)).toEqual(['p', 'p', 'p', 't']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 0 });
  });

  it('S7 G5 what refers to an entity does not wait for a decision of the app about it', async () => {
    const world = makeSlowWorld();
    const sync = await world.open({ collections, conflict: 'manual' });
    await referToDeleted(world, sync);
    expect(sentOf(world)).toEqual(['p', 'p', 't']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1, conflicts: 1 });
  });

  it('S7 G5 a deletion does not wait for what awaits a decision', async () => {
    const world = makeSlowWorld();
    const sync = await world.open({ collections, conflict: 'manual' });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(1_000);
    const current = { entity: { ...world.backend.entity('tasks', 't')!, n: 2 }, version: 9 };
    world.backend.once('update', refuseWith(new ConflictError({ current } as never)));
    sync.collection('tasks').patch('t', { n: 1 });
    await world.advance(1_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 1 });
    sync.collection('projects').delete('p');
    await world.advance(1_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 1 });
    expect(world.backend.entity('projects', 'p')).toBeUndefined();
  });

  it('S7 S39 what refers to an entity waits until it is known whether a new life of the server has it', async () => {
    const world = makeSlowWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    await world.advance(1_000);
    world.backend.once('update', refuseWith(new EpochChangedError({ epoch: 'two' })));
    world.backend.always('get', world.after(500));
    sync.collection('projects').patch('p', { name: 'edited' });
    await world.runUntil(() => world.backend.calls.some(({ method }) => method === 'get'));
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(400);
    expect(sentOf(world)).toEqual(['p', 'p']);
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
  });
});
