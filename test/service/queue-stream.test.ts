import { expect, it } from 'vitest';
import { ForbiddenError, type ISyncOperation } from '../../src/index.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';

it('G15 operations$ tells what happens to operations, and costs nothing where only other entities change', async () => {
  const world = makeWorld();
  const sync = await world.open({ collections: { tasks: {} } });
  sync.pause();
  for (const id of ['1', '2', '3']) sync.collection('tasks').put({ id, n: 1 });
  await world.settle();
  const told: string[][] = [];
  sync.queue.operations$.subscribe((operations: readonly ISyncOperation[]) =>
    told.push(operations.map(({ entityId, status }) => `${entityId} ${status}`)),
  );
  const all = [['1 pending', '2 pending', '3 pending']];
  expect(told).toEqual(all);
  for (let n = 0; n < 5; n += 1) {
    world.backend.edit('tasks', 'foreign', { n });
    await sync.pull();
    await world.settle();
  }
  expect(sync.collection('tasks').get('foreign')).toMatchObject({ n: 4 });
  expect(told).toEqual(all);
  sync.resume();
  await world.settle();
  expect(told).toContainEqual(['1 sending', '2 sending', '3 sending']);
  expect(told.at(-1)).toEqual([]);
});

it('S15 operations$ tells what the storage had', async () => {
  const world = makeWorld();
  const first = await world.open();
  first.pause();
  await first.collection('tasks').put({ id: '1', n: 1 }).durable;
  await first.close();
  world.setOnLine(false);
  const again = world.create();
  const told: (readonly string[])[] = [];
  again.queue.operations$.subscribe((operations) => told.push(operations.map(({ entityId }) => entityId)));
  await again.ready;
  await world.settle();
  expect(told).toEqual([[], ['1']]);
});

it('G15 list() is built once for as long as nothing changes', async () => {
  const world = makeWorld();
  const sync = await world.open();
  const empty = sync.queue.list();
  expect(sync.queue.list()).toBe(empty);
  world.backend.once('create', refuseWith(new ForbiddenError()));
  sync.collection('tasks').put({ id: '1', n: 1 });
  const pending = sync.queue.list();
  expect(sync.queue.list()).toBe(pending);
  expect(pending.map(({ status }) => status)).toEqual(['pending']);
  await world.settle();
  const parked = sync.queue.list();
  expect(parked).not.toBe(pending);
  expect(parked.map(({ status }) => status)).toEqual(['parked']);
  expect(sync.queue.list()).toBe(parked);
  await sync.queue.discard(parked[0]!.id);
  expect(sync.queue.list()).toEqual([]);
});

it('G7 edit() takes what the operation wrote in another form, and no other entity', async () => {
  const world = makeWorld();
  const sync = await world.open();
  world.backend.once('create', refuseWith(new ForbiddenError()));
  const { operationId } = sync.collection('tasks').put({ id: '1', n: 1 });
  await world.settle();
  for (const other of [{ id: '2', n: 2 }, { n: 2 }, null]) {
    await expect(sync.queue.edit(operationId!, other as { id: string })).rejects.toMatchObject({
      code: 'invalid-id',
      entityId: '1',
      path: '/id',
    });
  }
  expect(sync.collection('tasks').list()).toMatchObject([{ id: '1', n: 1 }]);
  await sync.queue.edit(operationId!, { id: '1', n: 2 });
  await world.settle();
  expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 2 });
});
