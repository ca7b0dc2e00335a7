import { afterEach, expect, test } from 'vitest';
import {
  createSyncService,
  type ApiClient,
  type ISyncService,
  type SyncOptions,
  type SyncState,
} from '../../src/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

const services: ISyncService[] = [];
afterEach(() => Promise.all(services.splice(0).map((service) => service.close())));

async function open(options: SyncOptions, apiClient: ApiClient = createInMemoryApiClient()): Promise<ISyncService> {
  const sync = createSyncService(apiClient, options);
  services.push(sync);
  await sync.ready;
  return sync;
}

/** Resolves when the state is so. */
function until(sync: ISyncService, holds: (state: SyncState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const subscription = sync.state$.subscribe((state) => {
      if (!holds(state)) return;
      resolve();
      queueMicrotask(() => subscription.unsubscribe());
    });
  });
}

async function heldLocks(part: string): Promise<number> {
  const { held = [] } = await navigator.locks.query();
  return held.filter(({ name = '' }) => name.includes(part)).length;
}

test('S44 two services of one page, name, user and browser storage are a leader and a follower', async () => {
  const backend = createInMemoryApiClient();
  const first = await open({ name: 'one-page' }, backend);
  await until(first, ({ role }) => role === 'leader');
  const second = await open({ name: 'one-page' }, backend);
  expect(second.getSnapshot().role).toBe('follower');
  expect(await heldLocks('/one-page/')).toBe(1);
  const write = second.collection('tasks').put({ id: '1', title: 'by the follower' });
  await write.durable;
  expect(await write.synced).toMatchObject({ id: '1', version: 1 });
  expect(first.collection('tasks').get('1')).toMatchObject({ title: 'by the follower' });
  await first.close();
  await until(second, ({ role }) => role === 'leader');
  const later = second.collection('tasks').put({ id: '2', title: 'by the new leader' });
  expect(await later.synced).toMatchObject({ id: '2', version: 1 });
});

test('S35 users of one name lead each for themselves, and a sign-out leaves the other alone', async () => {
  const [ada, bob] = [await open({ name: 'users', user: 'ada' }), await open({ name: 'users', user: 'bob' })];
  await Promise.all([ada, bob].map((sync) => until(sync, ({ role }) => role === 'leader')));
  expect(await heldLocks('/users/')).toBe(2);
  ada.pause();
  bob.pause();
  await Promise.all([
    ada.collection('tasks').put({ id: 'of-ada' }).durable,
    bob.collection('tasks').put({ id: 'of-bob' }).durable,
  ]);
  expect([ada.collection('tasks').count(), bob.collection('tasks').has('of-ada')]).toEqual([1, false]);
  await ada.signOut({ pending: 'discard' });
  await bob.close();
  const [adaAgain, bobAgain] = [await open({ name: 'users', user: 'ada' }), await open({ name: 'users', user: 'bob' })];
  expect([adaAgain.collection('tasks').count(), bobAgain.collection('tasks').has('of-bob')]).toEqual([0, true]);
});

test('S34 a storage that is passed in is nobody else’s: no lock is asked for', async () => {
  const storage = createPlannedStorage();
  const [first, second] = [await open({ name: 'private', storage }), await open({ name: 'private', storage })];
  await Promise.all([first, second].map((sync) => until(sync, ({ role }) => role === 'leader')));
  await first.collection('tasks').put({ id: '1' }).synced;
  expect(await heldLocks('/private/')).toBe(0);
});
