import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { watch } from '../support/service-world.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

/** A storage as one tab has it, which stores nothing and does not say so as long as it hangs. */
function createHangingStorage(storage: KeyValueStorage) {
  let isHanging = false;
  return {
    hang: () => void (isHanging = true),
    mend: () => void (isHanging = false),
    storage: {
      getItem: storage.getItem,
      removeItem: storage.removeItem,
      keys: storage.keys,
      clear: storage.clear,
      setItem: (key, value) => (isHanging ? new Promise<never>(() => undefined) : storage.setItem(key, value)),
    } satisfies KeyValueStorage,
  };
}

const options = { collections: { tasks: { fields: { '/count': 'counter' as const } } } };
const countIn = ({ sync }: Tab) => sync.collection('tasks').get('1')?.['count'];
const count = ({ sync }: Tab) =>
  sync.collection('tasks').patch('1', (now) => ({ ...now, count: Number(now['count']) + 1 }));

it('S31 G2 what the storage did not take is gone also from what another tab wrote on top of it', async () => {
  const shared = createMemoryStorage();
  const hanging = createHangingStorage(shared);
  world = createTabWorld({ storage: shared });
  const leader = await world.open({ ...options, storage: hanging.storage });
  const follower = await world.open(options);
  await leader.sync.collection('tasks').put({ id: '1', count: 0 }).synced;
  await world.advance(1_000);
  leader.sync.pause();
  hanging.hang();
  const lost = watch(count(leader).durable);
  await count(follower).durable;
  await world.advance(1_000);
  expect([countIn(leader), countIn(follower)]).toEqual([2, 1]);
  await world.advance(30_000);
  expect([lost().is, countIn(leader)]).toEqual(['rejected', 1]);
  hanging.mend();
  await world.advance(60_000);
  expect([countIn(leader), countIn(follower), countIn(await world.open(options))]).toEqual([1, 1, 1]);
  leader.sync.resume();
  await world.advance(60_000);
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ count: 1 });
});
