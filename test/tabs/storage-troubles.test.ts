import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { createScramblingCodec } from '../journal/scrambling-codec.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

const roles = (...tabs: Tab[]) => tabs.map(({ sync }) => sync.getSnapshot().role);
const errorIn = ({ sync }: Tab) => sync.getSnapshot().error?.code ?? null;
const held = (id: string) => world.backend.record('tasks', id)?.entity ?? null;

/** A storage as one tab has it, which may fail it alone. */
function connection(storage: KeyValueStorage) {
  let isBroken = false;
  const guard = <T>(run: () => Promise<T>): Promise<T> =>
    isBroken ? Promise.reject(new DOMException('The connection is lost.', 'InvalidStateError')) : run();
  return {
    breakDown: () => void (isBroken = true),
    mend: () => void (isBroken = false),
    storage: {
      getItem: (key) => guard(() => storage.getItem(key)),
      setItem: (key, value) => guard(() => storage.setItem(key, value)),
      removeItem: (key) => guard(() => storage.removeItem(key)),
      keys: () => guard(() => storage.keys()),
      clear: () => guard(() => storage.clear()),
    } satisfies KeyValueStorage,
  };
}

const eventsOf = ({ sync }: Tab) => {
  const types: string[] = [];
  sync.events$.subscribe(({ type }) => void (type.startsWith('storage.') && types.push(type)));
  return types;
};

it('G1 a deposed tab that cannot read follows as soon as it can, and its writes are sent', async () => {
  const shared = createMemoryStorage();
  const broken = connection(shared);
  world = createTabWorld({ storage: shared });
  const first = await world.open({ storage: broken.storage });
  const second = await world.open();
  const events = eventsOf(first);
  first.life.freeze();
  await world.advance(20_000);
  expect(roles(second)).toEqual(['leader']);
  broken.breakDown();
  first.life.thaw();
  await world.advance(5_000);
  expect([errorIn(first), events]).toEqual(['storage-failed', ['storage.failed']]);
  broken.mend();
  await world.advance(60_000);
  expect([roles(first, second), errorIn(first)]).toEqual([['follower', 'leader'], null]);
  const write = first.sync.collection('tasks').put({ id: '1', title: 'after' });
  await write.durable;
  await world.advance(1_000);
  expect(held('1')).toMatchObject({ title: 'after' });
});

it('G5 a tab whose storage fails says so and leaves the lead to one whose storage works', async () => {
  const shared = createMemoryStorage();
  const broken = connection(shared);
  world = createTabWorld({ storage: shared });
  const first = await world.open();
  const second = await world.open({ storage: broken.storage });
  const third = await world.open();
  broken.breakDown();
  const closed = first.sync.close();
  await world.advance(90_000);
  await closed;
  expect([roles(second, third), errorIn(second), errorIn(third)]).toEqual([
    ['follower', 'leader'],
    'storage-failed',
    null,
  ]);
});

it('G5 G17 a tab whose encryption does not open the data says so and never leads', async () => {
  const encryption = createScramblingCodec('tabs');
  world = createTabWorld();
  const first = await world.open();
  const second = await world.open({ encryption });
  first.life.freeze();
  await world.advance(20_000);
  second.sync.collection('tasks').put({ id: '1', title: 'secret' });
  await world.advance(1_000);
  first.life.thaw();
  await world.advance(5_000);
  expect([roles(first, second), errorIn(first)]).toEqual([['follower', 'leader'], 'storage-locked']);
  const closed = second.sync.close();
  await world.advance(20_000);
  await closed;
  const third = await world.open({ encryption });
  await world.advance(20_000);
  expect([roles(first, third), errorIn(first)]).toEqual([['follower', 'leader'], 'storage-locked']);
});

it('G5 G17 a tab that was refused the data keeps nobody else from leading', async () => {
  const encryption = createScramblingCodec('tabs');
  world = createTabWorld();
  const former = await world.open({ encryption });
  former.sync.collection('tasks').put({ id: '1', title: 'secret' });
  await world.advance(1_000);
  const closed = former.sync.close();
  await world.advance(1_000);
  await closed;
  await expect(world.open()).rejects.toMatchObject({ code: 'storage-locked' });
  const tab = await world.open({ encryption });
  await world.advance(1_000);
  expect(roles(tab)).toEqual(['leader']);
});
