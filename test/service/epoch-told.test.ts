import { describe, expect, it } from 'vitest';
import type { SyncEvent } from '../../src/index.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch, type ServiceWorld } from '../support/service-world.ts';

const withoutFeed = { changes: false, probe: false } as const;

function worldIn(epoch: string, options = {}): ServiceWorld {
  const world = makeWorld(options);
  world.backend.epoch = epoch;
  return world;
}

/** Applied at once, and answered when so much time has passed. */
const answeredAfter =
  ({ clock }: ServiceWorld, ms: number): Answer =>
  async (_, apply) => {
    const answer = await apply();
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
    return answer;
  };

describe('the epoch that an answer names', () => {
  it('S39 is known from an acknowledgement and from a loaded entity on, also after a restart', async () => {
    for (const how of ['acknowledged', 'loaded']) {
      const world = worldIn('one', withoutFeed);
      const first = await world.open();
      if (how === 'loaded') world.backend.edit('tasks', 'a', { n: 1 });
      await (how === 'loaded' ? first.collection('tasks').load('a') : first.syncEntity('tasks', { id: 'a' }));
      await world.closeAll();
      const sync = await world.open();
      await sync.syncEntity('tasks', { id: 'a', n: 2 });
      expect(world.backend.writes().at(-1)?.context.epoch).toBe('one');
    }
  });

  it('S39 is known from a conflict on', async () => {
    const world = worldIn('one', withoutFeed);
    world.backend.edit('tasks', 'a', { n: 1 });
    const sync = await world.open({ conflict: 'merge' });
    sync.collection('tasks').put({ id: 'a', m: 1 });
    await world.advance(60_000);
    expect(world.backend.writes().map(({ context }) => context.epoch)).toEqual([undefined, 'one']);
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', n: 1, m: 1 });
  });

  it('G10 S39 keeps a client without a feed from writing on a version that the backup gives out again', async () => {
    const world = worldIn('one', withoutFeed);
    const { backend } = world;
    const sync = await world.open({ conflict: 'merge' });
    const tasks = sync.collection('tasks');
    await sync.syncEntity('tasks', { id: 'a', n: 1, m: 1 });
    backend.epoch = 'two';
    tasks.patch('a', { n: 2 });
    await world.advance(60_000);
    expect(backend.writes().map(({ context }) => context.epoch)).toEqual([undefined, 'one', 'two']);
    expect(backend.entity('tasks', 'a')).toEqual({ id: 'a', n: 2, m: 1 });
  });

  it('S39 tells that another life has begun, also with an entity that is loaded', async () => {
    const world = worldIn('one', withoutFeed);
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    await sync.syncEntity('tasks', { id: 'a' });
    const resets: (string | null)[] = [];
    sync.events$.subscribe((event: SyncEvent) => {
      if (event.type === 'server.reset') resets.push(event.epoch);
    });
    world.backend.epoch = 'two';
    await tasks.load('a');
    expect(resets).toEqual(['two']);
    expect(tasks.get('a')).toMatchObject({ id: 'a', version: 1 });
  });
});

describe('an answer of an earlier life that comes late', () => {
  it('S39 G10 does not take the epoch back', async () => {
    const world = worldIn('one', { probe: false });
    const { backend } = world;
    backend.edit('tasks', 'a', { n: 1 });
    backend.once('changes', answeredAfter(world, 5_000));
    const sync = await world.open({ collections: { tasks: {} } });
    const resets: (string | null)[] = [];
    sync.events$.subscribe((event: SyncEvent) => {
      if (event.type === 'server.reset') resets.push(event.epoch);
    });
    await world.runUntil(() => backend.calls.some(({ method }) => method === 'changes'));
    backend.epoch = 'two';
    backend.edit('tasks', 'a', { n: 2 });
    await sync.collection('tasks').load('a');
    await world.advance(60_000);
    sync.collection('tasks').patch('a', { m: 1 });
    await world.advance(60_000);
    expect(resets).toEqual([]);
    expect(backend.writes().map(({ context }) => context.epoch)).toEqual(['two']);
    expect(backend.entity('tasks', 'a')).toEqual({ id: 'a', n: 2, m: 1 });
  });

  it('S39 does not acknowledge a request that was sent before any epoch was known', async () => {
    const world = worldIn('one', withoutFeed);
    const { backend } = world;
    backend.edit('tasks', 'b', { n: 1 });
    const sync = await world.open();
    backend.once('write', answeredAfter(world, 5_000));
    const synced = watch(sync.collection('tasks').put({ id: 'a', n: 1 }).synced);
    await world.runUntil(() => backend.writes().length === 1);
    backend.epoch = 'two';
    await sync.collection('tasks').load('b');
    await world.advance(60_000);
    expect(backend.writes().map(({ context }) => context.epoch)).toEqual([undefined, 'two']);
    expect(synced()).toMatchObject({ is: 'resolved', value: { id: 'a', n: 1, version: 1 } });
    expect(backend.effects.length).toBe(1);
  });
});
