import { expect, test } from 'vitest';
import { createSyncService } from '../../src/index.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import {
  createTestEnvironment,
  createTestOrigin,
  type TestEnvironment,
} from '../../src/testing/environment/test-environment.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const { signal } = new AbortController();

test('S26 a service in a test environment sends once the platform says that there is a network', async () => {
  const { environment, clock, setOnLine } = createTestEnvironment({ onLine: false });
  const backend = createMemoryBackend({ now: clock.now });
  const sync = createSyncService(backend.apiClient, { environment, storage: createPlannedStorage() });
  const { synced } = sync.collection('tasks').put({ id: '1', title: 'first' });
  await clock.advance(1_000);
  expect([sync.isOnline(), backend.effects]).toEqual([false, []]);
  setOnLine(true);
  await clock.runUntil(sync.isOnline, 60_000);
  expect(await synced).toMatchObject({ id: '1', title: 'first', version: 1 });
  const closed = sync.close();
  await clock.advance(60_000);
  await closed;
});

test('G18 environments of one origin are its tabs: they share locks and channels, and one that is killed gives up what it held', async () => {
  const clock = createVirtualClock();
  const origin = createTestOrigin(clock);
  const [here, there] = [createTestEnvironment({ clock, origin }), createTestEnvironment({ clock, origin })];
  const log: string[] = [];
  const hold = (name: string, { environment }: TestEnvironment) =>
    void environment.locks?.request('leader', { signal }, () => {
      log.push(`${name} leads`);
      return new Promise(() => undefined);
    });
  there.environment.tabs?.open('news').messages$.subscribe((message) => log.push(`there hears ${String(message)}`));
  hold('here', here);
  hold('there', there);
  here.environment.tabs?.open('news').post('hello');
  await clock.advance(0);
  expect(log).toEqual(['here leads', 'there hears hello']);
  here.tab.kill();
  await clock.advance(0);
  expect(log).toEqual(['here leads', 'there hears hello', 'there leads']);
});

test('S34 without an origin there are neither locks nor tabs', () => {
  const { environment } = createTestEnvironment();
  expect([environment.locks, environment.tabs]).toEqual([null, null]);
});
