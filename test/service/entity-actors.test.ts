import { describe, expect, it } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { RejectedError, type SyncOptions } from '../../src/index.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';

/** The actors of entities, as inspection shows them. */
function watchEntities() {
  const born: AnyActorRef[] = [];
  const live: number[] = [];
  const inspect = (event: InspectionEvent) => {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor' && actor._parent?.id === 'entities') born.push(actor);
    if (event.type === '@xstate.snapshot' && actor.id === 'entities') {
      const count = (event.snapshot as unknown as { context: { live: number } }).context.live;
      if (live.at(-1) !== count) live.push(count);
    }
  };
  return {
    inspect,
    /** How many were in trouble, change by change. */
    live,
    /** Every actor that was born, in order, with how it stands. */
    lives: () => born.map((actor) => [actor.id, (actor.getSnapshot() as { status: string }).status]),
    /** The line of parents of the newest one. */
    line: () => {
      const ids: string[] = [];
      for (let actor = born.at(-1); actor; actor = actor._parent) ids.push(actor.id);
      return ids;
    },
  };
}

async function open(options: SyncOptions = {}) {
  const world = makeWorld();
  const entities = watchEntities();
  world.backend.edit('tasks', '1', { a: 1 });
  const sync = await world.open({ ...options, inspect: entities.inspect });
  await sync.collection('tasks').pull();
  return { world, sync, entities, tasks: sync.collection('tasks') };
}

describe('actors of entities, through the service', () => {
  it('none is born for an entity without trouble', async () => {
    const { world, tasks, entities } = await open();
    tasks.put({ id: '1', a: 2 });
    await world.advance(10_000);
    expect(world.backend.entity('tasks', '1')).toMatchObject({ a: 2 });
    expect([entities.lives(), entities.live]).toEqual([[], [0]]);
  });

  it('one is born under the registry when its entity is refused, forgotten when it is settled, and born again', async () => {
    const { world, sync, tasks, entities } = await open();
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    tasks.put({ id: '1', a: 2 });
    await world.advance(10_000);
    expect(entities.lives()).toEqual([['tasks/1', 'active']]);
    expect(entities.line()).toEqual(['tasks/1', 'entities', sync.actor.id]);

    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    await sync.queue.retry(sync.queue.parked()[0]!.id);
    await world.advance(10_000);
    expect(entities.lives()).toEqual([
      ['tasks/1', 'done'],
      ['tasks/1', 'active'],
    ]);

    await sync.queue.retry(sync.queue.parked()[0]!.id);
    await world.advance(10_000);
    expect(entities.lives()).toEqual([
      ['tasks/1', 'done'],
      ['tasks/1', 'done'],
    ]);
    expect(entities.live).toEqual([0, 1, 0, 1, 0]);
    expect([sync.getSnapshot().pending, world.backend.entity('tasks', '1')]).toMatchObject([0, { a: 2 }]);
  });

  it('what happens to an entity in trouble reaches the actor that it has', async () => {
    const { world, sync, tasks, entities } = await open({ conflict: 'manual' });
    sync.pause();
    tasks.put({ id: '1', a: 2 });
    world.backend.edit('tasks', '1', { a: 3 });
    sync.resume();
    await world.advance(10_000);
    world.backend.edit('tasks', '1', { a: 4 });
    await tasks.pull();
    tasks.patch('1', { b: 1 });
    await world.advance(10_000);
    expect(entities.lives()).toEqual([['tasks/1', 'active']]);
    expect(sync.conflicts.list()).toMatchObject([{ status: 'open', local: { a: 2, b: 1 }, remote: { a: 4 } }]);

    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'local');
    await world.advance(10_000);
    expect([entities.lives(), entities.live]).toEqual([[['tasks/1', 'done']], [0, 1, 0]]);
    expect(world.backend.entity('tasks', '1')).toMatchObject({ a: 2, b: 1 });
  });

  it('those that live stop with the service, and are born anew by the next one', async () => {
    const { world, sync, tasks, entities } = await open();
    world.backend.always('write', refuseWith(new RejectedError({ status: 422 })));
    for (const id of ['1', '2', '3']) tasks.put({ id, a: 2 });
    await world.advance(10_000);
    expect(entities.live.at(-1)).toBe(3);
    await sync.close();
    expect(entities.lives()).toEqual([
      ['tasks/1', 'stopped'],
      ['tasks/2', 'stopped'],
      ['tasks/3', 'stopped'],
    ]);

    const again = watchEntities();
    const reopened = await world.open({ inspect: again.inspect });
    await world.advance(10_000);
    expect(again.lives()).toEqual([
      ['tasks/1', 'active'],
      ['tasks/2', 'active'],
      ['tasks/3', 'active'],
    ]);
    expect(reopened.queue.parked().length).toBe(3);
  });
});
