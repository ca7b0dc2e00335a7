import { afterEach, expect, it } from 'vitest';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

const taskIn = ({ sync }: Tab) => sync.collection('tasks').get('1');
const segments = async () => (await world.storage.keys()).filter((key) => key.includes('/journal/'));
const writersOf = (keys: readonly string[]) => [...new Set(keys.map((key) => key.split('/')[5]))];

it('S28 what a follower wrote carries the state that it was made on, and is merged by it where the log is lost', async () => {
  world = createTabWorld();
  const first = await world.open();
  const logged = await segments();
  const second = await world.open();
  world.backend.edit('tasks', '1', { id: '1', title: 'theirs', notes: '' });
  void first.sync.collection('tasks').pull();
  await world.advance(1_000);
  first.life.freeze();
  await second.sync.collection('tasks').patch('1', { notes: 'mine' }).durable;
  for (const { life } of [first, second]) life.kill();
  const [leader] = writersOf(logged);
  for (const key of await segments()) if (key.includes(`/${leader}/`)) await world.storage.removeItem(key);
  world.backend.edit('tasks', '1', { id: '1', title: 'theirs again', notes: '' });
  const third = await world.open();
  await world.advance(20_000);
  expect(taskIn(third)).toMatchObject({ title: 'theirs again', notes: 'mine', version: 3 });
  expect(third.sync.conflicts.list()).toEqual([]);
});

it('S29 what the leader was told of a write settles it, whoever wrote it and whoever reads it', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  second.sync.collection('tasks').put({ id: '1', title: 'once' });
  await world.settle();
  for (const { life } of [first, second]) life.kill();
  expect(writersOf(await segments())).toHaveLength(2);
  const third = await world.open();
  await world.advance(20_000);
  expect(taskIn(third)).toMatchObject({ title: 'once', version: 1 });
  expect(third.sync.queue.size).toBe(0);
  expect(world.backend.writes()).toHaveLength(1);
});

it('S30 a tab that leads writes into no other journal, and removes those of writers that are gone', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  second.sync.collection('tasks').put({ id: '1', title: 'by a tab that is gone' });
  await world.settle();
  const [, gone] = writersOf(await segments());
  second.life.kill();
  const seen = new Set<string>();
  for (let count = 0; count < 20; count += 1) {
    first.sync.collection('tasks').put({ id: '2', title: `${count}`.padEnd(200_000, '.') });
    await world.advance(2_000);
    for (const key of await segments()) seen.add(key);
  }
  expect([...seen].filter((key) => key.includes(`/${gone}/`))).toHaveLength(1);
  expect(writersOf(await segments())).not.toContain(gone);
});
