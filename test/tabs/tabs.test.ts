import { afterEach, expect, it } from 'vitest';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

const roles = (...tabs: Tab[]) => tabs.map(({ sync }) => sync.getSnapshot().role);
const titles = ({ sync }: Tab) =>
  sync
    .collection('tasks')
    .list()
    .map((task) => [task.id, (task as unknown as { title: string }).title]);
const held = (id: string) => world.backend.record('tasks', id)?.entity ?? null;
const stored = () => ['1', '2'].flatMap((id) => (held(id) ? [[id, held(id)?.['title' as never]]] : []));

it('G18 one tab leads, the others follow and show what it is told', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  expect(roles(first, second)).toEqual(['leader', 'follower']);
  first.sync.collection('tasks').put({ id: '1', title: 'by the leader' });
  await world.settle();
  expect(titles(second)).toEqual([['1', 'by the leader']]);
  expect(second.sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0, queue: 'idle', blockers: [] });
});

it('G18 a follower writes durably and its leader sends', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  const write = second.sync.collection('tasks').put({ id: '1', title: 'by the follower' });
  expect(titles(second)).toEqual([['1', 'by the follower']]);
  await write.durable;
  await world.settle();
  expect(stored()).toEqual([['1', 'by the follower']]);
  expect(await write.synced).toMatchObject({ id: '1', title: 'by the follower', version: 1 });
  expect([titles(first), titles(second)]).toEqual([[['1', 'by the follower']], [['1', 'by the follower']]]);
  expect(second.sync.queue.size).toBe(0);
});

it('G18 writes of two tabs on one entity are both kept', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  first.sync.collection('tasks').put({ id: '1', title: 'a', notes: '', n: 0 });
  await world.settle();
  first.sync.pause();
  await world.settle();
  first.sync.collection('tasks').patch('1', { title: 'b' });
  second.sync.collection('tasks').patch('1', { notes: 'c' });
  await world.settle();
  first.sync.resume();
  await world.settle();
  expect(held('1')).toMatchObject({ id: '1', title: 'b', notes: 'c', n: 0 });
  expect(second.sync.collection('tasks').get('1')).toMatchObject({ title: 'b', notes: 'c' });
  expect(first.sync.conflicts.list()).toEqual([]);
});

it('G18 another tab takes over when the leader closes, and when it is killed', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  const third = await world.open();
  const closed = first.sync.close();
  await world.advance(1_000);
  await closed;
  expect(roles(second, third)).toEqual(['leader', 'follower']);
  third.sync.collection('tasks').put({ id: '1', title: 'one' });
  await world.settle();
  second.life.kill();
  third.sync.collection('tasks').put({ id: '2', title: 'two' });
  await world.advance(1_000);
  expect(roles(third)).toEqual(['leader']);
  expect(stored()).toEqual([
    ['1', 'one'],
    ['2', 'two'],
  ]);
});

it('G18 a frozen leader is taken over, and follows when it wakes', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  first.life.freeze();
  const write = second.sync.collection('tasks').put({ id: '1', title: 'meanwhile' });
  await world.advance(20_000);
  expect(roles(second)).toEqual(['leader']);
  expect(await write.synced).toMatchObject({ title: 'meanwhile' });
  first.life.thaw();
  await world.advance(1_000);
  expect(roles(first, second)).toEqual(['follower', 'leader']);
  expect(titles(first)).toEqual([['1', 'meanwhile']]);
  first.sync.collection('tasks').patch('1', { title: 'after' });
  await world.settle();
  expect(stored()).toEqual([['1', 'after']]);
});

it('G1 what a killed follower had stored is sent by the leader', async () => {
  world = createTabWorld();
  await world.open();
  const second = await world.open();
  const write = second.sync.collection('tasks').put({ id: '1', title: 'last words' });
  await write.durable;
  second.life.kill();
  await world.advance(20_000);
  expect(stored()).toEqual([['1', 'last words']]);
});

it('G18 without Web Locks one tab leads all the same', async () => {
  world = createTabWorld({ hasLocks: false });
  const first = await world.open();
  const second = await world.open();
  expect(roles(first, second)).toEqual(['leader', 'follower']);
  second.sync.collection('tasks').put({ id: '1', title: 'one' });
  await world.settle();
  expect(stored()).toEqual([['1', 'one']]);
  first.life.kill();
  await world.advance(20_000);
  expect(roles(second)).toEqual(['leader']);
});
