import { expect, it } from 'vitest';
import type { ConflictRecord } from '../../src/index.ts';
import { makeWorld } from '../support/make-world.ts';

it('S16 the log of conflicts is emitted, and its open records made anew, only when one of them has changed', async () => {
  const world = makeWorld();
  let merges = 0;
  const count = (_: unknown, local: unknown) => {
    merges += 1;
    return local as never;
  };
  const sync = await world.open({ conflict: 'manual', collections: { tasks: { fields: { '/tags': count } } } });
  const tasks = sync.collection('tasks');
  tasks.put({ id: '1', title: 'a', tags: [] });
  await sync.flush();
  world.backend.edit('tasks', '1', { title: 'theirs', tags: ['b'] });
  tasks.patch('1', { title: 'ours', tags: ['c'] } as never);
  await world.settle();
  const told: (readonly ConflictRecord[])[] = [];
  const subscription = sync.conflicts.records$.subscribe((records) => told.push(records));
  await world.settle();
  const before = merges;
  for (let key = 0; key < 10; key += 1) {
    sync.collection('notes').put({ id: '2', key });
    await world.settle();
  }
  expect([merges - before, told.length]).toEqual([0, 1]);
  tasks.patch('1', { title: 'ours again' } as never);
  await world.settle();
  expect(told.map((records) => records.map(({ local }) => (local as unknown as { title: string }).title))).toEqual([
    ['ours'],
    ['ours again'],
  ]);
  await sync.conflicts.resolve(told[0]?.[0]?.id ?? '', 'local');
  await world.settle();
  expect(told.at(-1)?.map(({ status }) => status)).toEqual(['resolved']);
  expect(sync.conflicts.list()).toBe(told.at(-1));
  subscription.unsubscribe();
});
