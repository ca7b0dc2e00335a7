import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { watch } from '../support/service-world.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

/** A storage that does what one tab writes, and does not say so. */
function createSilentStorage(storage: KeyValueStorage) {
  let isSilent = false;
  return {
    silence: () => void (isSilent = true),
    storage: {
      getItem: storage.getItem,
      removeItem: storage.removeItem,
      keys: storage.keys,
      clear: storage.clear,
      async setItem(key, value) {
        const stored = await storage.setItem(key, value);
        return isSilent ? new Promise<never>(() => undefined) : stored;
      },
    } satisfies KeyValueStorage,
  };
}

it('G19 what the leader has taken up is stored, also where the storage never said so', async () => {
  const shared = createMemoryStorage();
  const silent = createSilentStorage(shared);
  world = createTabWorld({ storage: shared });
  const first = await world.open();
  const second = await world.open({ storage: silent.storage });
  silent.silence();
  const write = second.sync.collection('tasks').put({ id: '1', title: 'by the follower' });
  const durable = watch(write.durable);
  await world.advance(5_000);
  expect(durable().is).toBe('open');
  const third = await world.open();
  await third.sync.close();
  await world.advance(60_000);
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'by the follower' });
  expect([durable().is, second.sync.collection('tasks').has('1')]).toEqual(['resolved', true]);
  expect(first.sync.getSnapshot().role).toBe('leader');
});
