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
      ...storage,
      async setItem(key, value) {
        const stored = await storage.setItem(key, value);
        return isSilent ? new Promise<never>(() => undefined) : stored;
      },
    } satisfies KeyValueStorage,
  };
}

/** A storage that does a tab's next write, says that it did not, and fails until the tab claims the lead. */
function createDenyingStorage(storage: KeyValueStorage) {
  let mode: 'kind' | 'denying' | 'failing' = 'kind';
  return {
    deny: () => void (mode = 'denying'),
    storage: {
      ...storage,
      async setItem(key, value) {
        if (key.includes('/claim/')) mode = 'kind';
        if (mode !== 'failing') await storage.setItem(key, value);
        if (mode === 'kind') return value;
        mode = 'failing';
        throw new Error('It is not known whether that was stored.');
      },
    } satisfies KeyValueStorage,
  };
}

async function openWithSilent() {
  const shared = createMemoryStorage();
  const silent = createSilentStorage(shared);
  world = createTabWorld({ storage: shared });
  const leader = await world.open();
  const waiting = await world.open();
  const { sync } = await world.open({ storage: silent.storage });
  silent.silence();
  const durable = watch(sync.collection('tasks').put({ id: '1', title: 'by the follower' }).durable);
  const outcome = () => [durable().is, sync.collection('tasks').has('1'), Boolean(world.backend.record('tasks', '1'))];
  await world.advance(5_000);
  expect(outcome()).toEqual(['open', true, false]);
  return { leader, waiting, outcome };
}

it('G19 what the next leader has taken up is stored, also where the storage never said so', async () => {
  const { leader, waiting, outcome } = await openWithSilent();
  await leader.sync.close();
  await world.advance(60_000);
  expect(waiting.sync.getSnapshot().role).toBe('leader');
  expect(outcome()).toEqual(['resolved', true, true]);
});

it('G19 what a tab was told is not stored takes no effect, though the storage has it', async () => {
  const { outcome } = await openWithSilent();
  await world.advance(60_000);
  expect(outcome()).toEqual(['rejected', false, false]);
});

it('G19 what a tab was told is not stored takes no effect when that tab itself takes the lead and reads it', async () => {
  const shared = createMemoryStorage();
  const denying = createDenyingStorage(shared);
  world = createTabWorld({ storage: shared });
  const leader = await world.open();
  const { sync } = await world.open({ storage: denying.storage });
  denying.deny();
  const durable = watch(sync.collection('tasks').put({ id: '1', title: 'by the follower' }).durable);
  await world.settle();
  const outcome = () => [durable().is, sync.collection('tasks').has('1'), Boolean(world.backend.record('tasks', '1'))];
  expect(outcome()).toEqual(['rejected', false, false]);
  await leader.sync.close();
  await world.advance(60_000);
  expect(sync.getSnapshot().role).toBe('leader');
  expect(outcome()).toEqual(['rejected', false, false]);
});
