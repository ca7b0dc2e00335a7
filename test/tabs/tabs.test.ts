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

it('G1 G3 what a leader writes while it steps down takes effect in the order of writing', async () => {
  world = createTabWorld();
  const first = await world.open();
  await world.open();
  first.life.freeze();
  await world.advance(20_000);
  first.life.thaw();
  const waking = world.advance(10_000);
  const tasks = first.sync.collection('tasks');
  const ids = Array.from({ length: 400 }, (_, number) => `${number}`);
  for (const [at, id] of ids.entries()) {
    tasks.put({ id });
    if (at >= 3) tasks.delete(`${at - 3}`);
    await Promise.resolve();
  }
  await waking;
  await world.advance(10_000);
  expect(roles(first)).toEqual(['follower']);
  expect(ids.filter((id) => held(id) !== null)).toEqual(ids.slice(-3));
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

it.each([0, 1, 2, 3, 4, 5, 6])(
  'G1 G18 a leader frozen %i ticks after a write keeps its word about it',
  async (ticks) => {
    world = createTabWorld();
    const first = await world.open();
    const second = await world.open();
    const write = first.sync.collection('tasks').put({ id: '1', title: 'frozen' });
    const durable = write.durable.then(
      () => 'durable',
      (error: { code: string }) => error.code,
    );
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    first.life.freeze();
    await world.advance(20_000);
    expect(roles(second)).toEqual(['leader']);
    second.sync.collection('tasks').put({ id: '2', title: 'meanwhile' });
    await world.settle();
    first.life.thaw();
    const late = first.sync.collection('tasks').put({ id: '3', title: 'just awake' });
    const lateDurable = late.durable.then(
      () => 'durable',
      (error: { code: string }) => error.code,
    );
    await world.advance(5_000);
    expect(roles(first, second)).toEqual(['follower', 'leader']);
    const kept = [await durable, await lateDurable].map((fate) => fate === 'durable');
    expect([held('1') !== null, held('3') !== null]).toEqual(kept);
    expect(titles(first)).toEqual(titles(second));
    first.sync.collection('tasks').put({ id: '4', title: 'goes on' });
    await world.settle();
    expect(held('4')).toMatchObject({ title: 'goes on' });
    expect([first.sync.queue.size, second.sync.queue.size]).toEqual([0, 0]);
  },
);

it('G1 a tab alone goes on with what several tabs left', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  first.sync.pause();
  await world.settle();
  await first.sync.collection('tasks').put({ id: '1', title: 'of the leader' }).durable;
  first.life.freeze();
  await second.sync.collection('tasks').put({ id: '2', title: 'of the follower' }).durable;
  first.life.kill();
  second.life.kill();
  for (const round of [1, 2]) {
    const alone = await world.open({
      storage: world.storage,
      environment: { clock: world.clock, tabs: null, locks: null },
    });
    expect([round, ...titles(alone)]).toEqual([round, ['1', 'of the leader'], ['2', 'of the follower']]);
    await alone.sync.close();
  }
  expect(stored()).toEqual([
    ['1', 'of the leader'],
    ['2', 'of the follower'],
  ]);
});

it('G4 what was acknowledged while a tab slept settles its promises', async () => {
  world = createTabWorld();
  await world.open();
  const second = await world.open();
  const write = second.sync.collection('tasks').put({ id: '1', title: 'before the sleep' });
  await write.durable;
  second.life.freeze();
  await world.advance(30_000);
  for (let n = 0; n < 3; n += 1) {
    const third = await world.open();
    await third.sync.close();
  }
  second.life.thaw();
  await world.advance(5_000);
  expect(await write.synced).toMatchObject({ title: 'before the sleep', version: 1 });
});
