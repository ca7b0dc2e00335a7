import { afterEach, describe, expect, it } from 'vitest';
import type { EntityStatus } from '../../src/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { RejectedError } from '../../src/index.ts';
import { codeOf, createServiceWorld, idsOf, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

describe('what is asked before the local data is loaded', () => {
  it('S25 tells a status that was observed before, as it is stored', async () => {
    world = createServiceWorld();
    const first = await world.open({ collections: { tasks: {} } });
    await first.collection('tasks').put({ id: 'synced' }).synced;
    world.backend.once('create', refuseWith(new RejectedError({ status: 422 })));
    await codeOf(first.collection('tasks').put({ id: 'parked' }).synced);
    await first.close();

    world.setOnLine(false);
    const second = world.create({ collections: { tasks: {} } });
    const told: Record<string, EntityStatus[]> = { synced: [], parked: [], none: [] };
    for (const [id, seen] of Object.entries(told))
      second
        .collection('tasks')
        .status$(id)
        .subscribe((status) => seen.push(status));
    await second.ready;
    await world.settle();
    expect(told).toEqual({
      synced: ['unknown-entity', 'synced'],
      parked: ['unknown-entity', 'parked'],
      none: ['unknown-entity'],
    });
  });

  it('G19 takes back what it showed, from all who observe it, when the local data is refused', async () => {
    const storage = createPlannedStorage(new Map([['syncline/999/default//journal/w/0000000001', { some: 'thing' }]]));
    world = createServiceWorld({ storage });
    const sync = world.create();
    const tasks = sync.collection('tasks');
    const ids: string[][] = [];
    const titles: unknown[] = [];
    tasks.all$().subscribe({ next: (all) => ids.push(all.map(({ id }) => id)), error: () => undefined });
    tasks.entity$('1').subscribe({ next: (entity) => titles.push(entity?.['title']), error: () => undefined });
    const write = tasks.put({ id: '1', title: 'early' });
    expect(await codeOf(write.durable)).toBe('storage-newer');
    await world.settle();
    expect({ ids, titles, list: idsOf(sync, 'tasks'), get: tasks.get('1') }).toEqual({
      ids: [[], ['1'], []],
      titles: [undefined, 'early', undefined],
      list: [],
      get: undefined,
    });
  });

  it('S46 a batch before that cannot be written whole is not written at all', async () => {
    world = createServiceWorld({ onLine: false });
    const sync = world.create();
    const tasks = sync.collection('tasks');
    const before = tasks.put({ id: 'before' });
    const writes = sync.batch(() => [
      tasks.put({ id: 'a' }),
      tasks.patch('missing', { title: 'x' }),
      tasks.put({ id: 'b' }),
    ]);
    const after = tasks.put({ id: 'after' });
    const shown: string[][] = [];
    tasks.all$().subscribe((all) => shown.push(all.map(({ id }) => id)));
    await sync.ready;
    await world.settle();
    expect(await Promise.all([before, ...writes, after].map(({ durable }) => codeOf(durable)))).toEqual([
      undefined,
      'aborted',
      'unknown-entity',
      'aborted',
      undefined,
    ]);
    expect(await Promise.all(writes.map(({ synced }) => codeOf(synced)))).toEqual([
      'aborted',
      'unknown-entity',
      'aborted',
    ]);
    expect({ shown: shown.at(-1), queue: sync.queue.list().map(({ entityId }) => entityId) }).toEqual({
      shown: ['after', 'before'],
      queue: ['before', 'after'],
    });
  });
});
