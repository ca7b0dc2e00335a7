import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { RejectedError, UnavailableError, type SyncEvent } from '../../src/index.ts';
import { watch } from '../support/service-world.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

const other = (id: string, entity: Readonly<Record<string, unknown>>) => world.backend.edit('tasks', id, entity);
const refuse = (times: number) => {
  for (let time = 0; time < times; time += 1) {
    world.backend.once('create', () => {
      throw new RejectedError({ status: 422 });
    });
  }
};

it('G18 a follower decides a conflict', async () => {
  world = createTabWorld();
  const first = await world.open({ conflict: 'manual' });
  const second = await world.open({ conflict: 'manual' });
  first.sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.settle();
  other('1', { id: '1', title: 'theirs' });
  second.sync.collection('tasks').patch('1', { title: 'ours' });
  await world.settle();
  const [open] = second.sync.conflicts.list();
  expect(open).toMatchObject({ status: 'open', local: { title: 'ours' }, remote: { title: 'theirs' } });
  await expect(second.sync.syncEntity('tasks', { id: '1', title: 'again' })).rejects.toMatchObject({
    code: 'conflict-open',
  });
  const decided = second.sync.conflicts.resolve(open?.id ?? '', 'local');
  await world.settle();
  await decided;
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'again' });
  expect([first, second].map(({ sync }) => sync.conflicts.list()[0]?.status)).toEqual(['resolved', 'resolved']);
});

it('G18 S27 a follower retries, edits and discards what was refused', async () => {
  world = createTabWorld();
  await world.open();
  const second = await world.open();
  const told: string[] = [];
  second.sync.events$.subscribe((event: SyncEvent) => told.push(event.type));
  refuse(3);
  const writes = ['1', '2', '3'].map((id) => second.sync.collection('tasks').put({ id, title: 'no' }));
  await world.settle();
  expect(second.sync.getSnapshot()).toMatchObject({ parked: 3, pending: 0 });
  await expect(writes[0]?.synced).rejects.toMatchObject({ code: 'parked' });
  const [one, two, three] = second.sync.queue.parked();
  const done = Promise.all([
    second.sync.queue.retry(one?.id ?? ''),
    second.sync.queue.edit(two?.id ?? '', { id: '2', title: 'yes' }),
    second.sync.queue.discard(three?.id ?? ''),
  ]);
  await world.settle();
  await done;
  expect(['1', '2', '3'].map((id) => world.backend.record('tasks', id)?.entity?.['title' as never])).toEqual([
    'no',
    'yes',
    undefined,
  ]);
  expect(second.sync.queue.size).toBe(0);
  expect(told).toEqual(expect.arrayContaining(['operation.parked', 'operation.discarded', 'operation.acknowledged']));
});

it('G18 what a follower asked for is asked again when another tab takes over', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  refuse(1);
  second.sync.collection('tasks').put({ id: '1', title: 'no' });
  await world.settle();
  first.life.kill();
  const retried = second.sync.queue.retry(second.sync.queue.parked()[0]?.id ?? '');
  await world.advance(20_000);
  await retried;
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'no' });
});

it('G18 a decision asked of a leader that dies is made by the tab that takes over', async () => {
  world = createTabWorld();
  const first = await world.open({ conflict: 'manual' });
  const second = await world.open({ conflict: 'manual' });
  first.sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.settle();
  other('1', { id: '1', title: 'theirs' });
  second.sync.collection('tasks').patch('1', { title: 'ours' });
  await world.settle();
  first.life.kill();
  const decided = watch(second.sync.conflicts.resolve(second.sync.conflicts.list()[0]?.id ?? '', 'local'));
  await world.advance(20_000);
  expect(decided()).toEqual({ is: 'resolved', value: undefined });
  expect(second.sync.conflicts.list().map(({ status }) => status)).toEqual(['resolved']);
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'ours' });
});

it('G18 a follower loads and pulls through the leader', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  other('1', { id: '1', title: 'there' });
  other('2', { id: '2', title: 'too' });
  const loaded = second.sync.collection('tasks').load('1');
  await world.settle();
  expect(await loaded).toMatchObject({ title: 'there' });
  expect(first.sync.collection('tasks').get('1')).toMatchObject({ title: 'there' });
  const pulled = second.sync.collection('tasks').pull();
  await world.settle();
  await pulled;
  expect([first, second].map(({ sync }) => sync.collection('tasks').count())).toEqual([2, 2]);
});

it('S41 tells a follower of remote changes, not of writes of its siblings', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  const told: unknown[] = [];
  second.sync.realTime.subscribe('tasks', (entity) => told.push(entity?.['title' as never]));
  first.sync.collection('tasks').put({ id: '1', title: 'sibling' });
  await world.settle();
  other('2', { id: '2', title: 'remote' });
  const pulled = first.sync.pull();
  await world.settle();
  await pulled;
  await world.settle();
  expect(told).toEqual(['remote']);
});

it('S35 sign-out ends every tab of the user and wipes what is stored', async () => {
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open();
  const stranger = await world.open({ user: 'eve' });
  first.sync.pause();
  await world.settle();
  first.sync.collection('tasks').put({ id: '1', title: 'mine' });
  stranger.sync.collection('tasks').put({ id: '9', title: 'hers' });
  await world.settle();
  const exported = second.sync.signOut({ pending: 'export' });
  await world.advance(2_000);
  expect(JSON.parse(String(await exported))).toMatchObject([{ entityId: '1', type: 'create' }]);
  expect(() => first.sync.collection('tasks').put({ id: '2', title: 'late' })).toThrow(
    expect.objectContaining({ code: 'closed' }),
  );
  const keys = await world.storage.keys();
  expect(keys.filter((key) => key.includes('/eve/'))).not.toEqual([]);
  expect(keys.filter((key) => !key.includes('/eve/'))).toEqual([]);
  expect(stranger.sync.getSnapshot().role).toBe('leader');
});

it.each([0, 1, 2])(
  'S35 G7 an export at sign-out of tab %i has what the others wrote in the same moment',
  async (chosen) => {
    const memory = createMemoryStorage();
    const later = (ms: number) => new Promise<void>((resolve) => world.clock.setTimeout(resolve, ms));
    world = createTabWorld({
      storage: { ...memory, getItem: async (key) => later(20).then(() => memory.getItem(key)) },
    });
    const tabs = [await world.open(), await world.open(), await world.open()];
    tabs[0]?.sync.pause();
    await world.advance(1_000);
    tabs.forEach(({ sync }, n) => sync.collection('tasks').put({ id: String(n) }));
    const exported = tabs[chosen]?.sync.signOut({ pending: 'export' });
    await world.advance(5_000);
    const operations = JSON.parse(String(await exported)) as { entityId: string }[];
    expect(operations.map(({ entityId }) => entityId).toSorted()).toEqual(['0', '1', '2']);
    expect(await memory.keys()).toEqual([]);
  },
);

it('G17 says so where a follower may not pass records on to the leader, and takes them in where it may', async () => {
  world = createTabWorld({ passesThroughDisk: true });
  const options = { collections: { tasks: { exclude: ['/pin'] } } };
  const leader = await world.open(options);
  const follower = await world.open(options);
  const record = { entity: { id: '1', updatedAt: '', title: 'fetched', pin: '1234' }, version: 1 };
  await expect(follower.sync.collection('tasks').receive([record])).rejects.toMatchObject({ code: 'unsupported' });
  const taken = leader.sync.collection('tasks').receive([record]);
  await world.settle();
  await taken;
  expect(leader.sync.collection('tasks').get('1')).toMatchObject({ title: 'fetched' });
});

it('G17 nothing excluded passes through the disk where tabs talk by it', async () => {
  const posted: string[] = [];
  world = createTabWorld({ passesThroughDisk: true, onPosted: (message) => posted.push(JSON.stringify(message)) });
  const options = { collections: { tasks: { exclude: ['/pin'] } } };
  const first = await world.open(options);
  const second = await world.open(options);
  const write = second.sync.collection('tasks').put({ id: '1', title: 'a', pin: 'canary' });
  await world.settle();
  await write.durable;
  other('2', { id: '2', title: 'there', pin: 'canary' });
  const pulled = first.sync.pull();
  await world.settle();
  await pulled;
  expect(second.sync.collection('tasks').has('2')).toBe(true);
  expect(posted.length).toBeGreaterThan(3);
  expect(posted.filter((text) => text.includes('canary'))).toEqual([]);
});

it('S23 a follower that flushes cuts short what single entities wait for in the tab that leads', async () => {
  world = createTabWorld();
  await world.open({ retry: { baseMs: 3_600_000, maxMs: 3_600_000 } });
  const second = await world.open();
  world.backend.once('create', () => {
    throw new UnavailableError({ status: 503 });
  });
  second.sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.settle();
  expect(world.backend.record('tasks', '1')).toBe(undefined);
  const flushed = watch(second.sync.flush());
  await world.settle();
  expect(flushed()).toMatchObject({ is: 'resolved' });
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'a' });
});
