import { afterEach, describe, expect, it } from 'vitest';
import { createSyncService, type ISyncService, type SyncOptions } from '../../src/index.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import { createTestEnvironment, createTestOrigin } from '../../src/testing/environment/test-environment.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld | null = null;
const services: ISyncService[] = [];
const clock = createVirtualClock();

afterEach(async () => {
  await world?.closeAll();
  world = null;
  const closed = Promise.all(services.splice(0).map((service) => service.close()));
  await advance(60_000);
  await closed;
});

async function advance(ms: number): Promise<void> {
  for (let round = 0; round < 20; round += 1) await clock.advance(ms / 20);
}

const role = ({ sync }: { sync: ISyncService }) => sync.getSnapshot().role;
const ids = (sync: ISyncService) =>
  sync
    .collection('tasks')
    .list()
    .map(({ id }) => id);

describe('users of one browser', () => {
  it('S35 in two tabs under one name see nothing of each other, and send what is theirs', async () => {
    world = createTabWorld();
    const ada = await world.open({ user: 'ada' });
    const adaToo = await world.open({ user: 'ada' });
    const bob = await world.open({ user: 'bob' });
    expect([ada, adaToo, bob].map(role)).toEqual(['leader', 'follower', 'leader']);
    for (const { sync } of [ada, bob]) sync.pause();
    await world.settle();
    adaToo.sync.collection('tasks').put({ id: 'of-ada' });
    bob.sync.collection('tasks').put({ id: 'of-bob' });
    await world.settle();
    expect([ada, adaToo, bob].map(({ sync }) => ids(sync))).toEqual([['of-ada'], ['of-ada'], ['of-bob']]);
    bob.sync.resume();
    await world.settle();
    expect(world.backend.writes().map(({ id }) => id)).toEqual(['of-bob']);
    expect([ada, adaToo].map(({ sync }) => sync.queue.size)).toEqual([1, 1]);
  });

  it('S35 with names that look like paths are different users', async () => {
    world = createTabWorld();
    const tabs: Tab[] = [];
    for (const options of [
      { name: 'a', user: 'b/c' },
      { name: 'a/b', user: 'c' },
      { name: 'a%2Fb', user: 'c' },
      { name: 'a', user: 'b' },
      { name: 'a', user: '' },
    ])
      tabs.push(await world.open(options));
    expect(tabs.map(role)).toEqual(tabs.map(() => 'leader'));
    for (const [index, { sync }] of tabs.entries()) {
      sync.pause();
      await sync.collection('tasks').put({ id: `${index}` }).durable;
    }
    await world.settle();
    expect(tabs.map(({ sync }) => ids(sync))).toEqual(tabs.map((_, index) => [`${index}`]));
  });

  it.each([
    ['keep', ['1']],
    ['discard', []],
    ['export', []],
  ] as const)(
    "S35 G7 '%s' at sign-out ends every tab of the user, and leaves what the app decided",
    async (pending, left) => {
      world = createTabWorld();
      const [first, second, third] = [await world.open(), await world.open(), await world.open()];
      first.sync.pause();
      await world.settle();
      await third.sync.collection('tasks').put({ id: '1', title: 'unsent' }).durable;
      await world.settle();
      const signedOut = second.sync.signOut({ pending });
      await world.advance(3_000);
      const exported = await signedOut;
      expect(exported === undefined ? null : (JSON.parse(exported) as unknown)).toEqual(
        pending === 'export' ? [expect.objectContaining({ entityId: '1', type: 'create' })] : null,
      );
      for (const { sync } of [first, second, third])
        expect(() => sync.collection('tasks').put({ id: '2' })).toThrow(expect.objectContaining({ code: 'closed' }));
      expect((await world.storage.keys()).length > 0).toBe(pending === 'keep');
      expect(world.backend.writes()).toEqual([]);
      const next = await world.open();
      await world.settle();
      expect(ids(next.sync)).toEqual(left);
      expect(world.backend.writes().map(({ id }) => id)).toEqual(left);
    },
  );
});

describe('services of one page', () => {
  const origin = createTestOrigin(clock);
  const page = createTestEnvironment({ clock, origin }).environment;

  async function open(storage: SyncOptions['storage'], given: SyncOptions): Promise<ISyncService> {
    const backend = createMemoryBackend({ now: clock.now, realTime: false });
    const sync = createSyncService(backend.apiClient, { ...(storage && { storage }), ...given });
    services.push(sync);
    const { ready } = sync;
    await advance(1_000);
    await ready;
    return sync;
  }

  it('S44 of one name, user and storage behave as two tabs', async () => {
    const storage = createPlannedStorage();
    const options = { environment: page, name: 'shared' };
    const [first, second] = [await open(storage, options), await open(storage, options)];
    expect([first, second].map((sync) => role({ sync }))).toEqual(['leader', 'follower']);
    const write = second.collection('tasks').put({ id: '1', title: 'a' });
    await advance(1_000);
    expect(await write.synced).toMatchObject({ id: '1', version: 1 });
    expect(first.collection('tasks').get('1')).toMatchObject({ title: 'a', version: 1 });
    const closed = first.close();
    await advance(1_000);
    await closed;
    expect(role({ sync: second })).toBe('leader');
  });

  it('S44 of other names or users have nothing to do with each other', async () => {
    const storage = createPlannedStorage();
    const given = [
      { environment: page, name: 'one' },
      { environment: page, name: 'other' },
      { environment: page, name: 'one', user: 'ada' },
    ];
    const opened: ISyncService[] = [];
    for (const options of given) opened.push(await open(storage, options));
    expect(opened.map((sync) => role({ sync }))).toEqual(['leader', 'leader', 'leader']);
    opened[0]?.collection('tasks').put({ id: '1' });
    await advance(1_000);
    expect(opened.map(ids)).toEqual([['1'], [], []]);
  });

  it.each([
    ['neither locks nor tabs', {}],
    ['locks alone', { locks: page.locks }],
    ['tabs alone', { tabs: page.tabs }],
  ])('S34 a storage that is passed in is private where the environment brings %s', async (_, parts) => {
    const storage = createPlannedStorage();
    const { locks: _locks, tabs: _tabs, ...rest } = page;
    const options = { environment: { ...rest, ...parts }, name: 'private' };
    const [first, second] = [await open(storage, options), await open(storage, options)];
    expect([first, second].map((sync) => role({ sync }))).toEqual(['leader', 'leader']);
  });

  it('S34 memory is private, though the environment brings both', async () => {
    const options = { environment: page, name: 'memory' };
    const [first, second] = [await open(undefined, options), await open(undefined, options)];
    expect([first, second].map((sync) => role({ sync }))).toEqual(['leader', 'leader']);
    await first.collection('tasks').put({ id: '1' }).durable;
    const write = second.collection('tasks').put({ id: '2' });
    await advance(1_000);
    expect([first, second].map(ids)).toEqual([['1'], ['2']]);
    expect(await write.synced).toMatchObject({ id: '2', version: 1 });
  });
});
