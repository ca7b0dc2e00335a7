import { expect, test } from 'vitest';
import { createSyncService } from '../../src/index.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import { createTestEnvironment, createTestOrigin } from '../../src/testing/environment/test-environment.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { settle } from '../../src/testing/virtual-clock.ts';

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

test('G18 one tab of an origin has a lock at a time, in the order of asking', async () => {
  const { locks } = createTestOrigin();
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const hold = (name: string) =>
    locks.request('leader', { signal }, () => {
      log.push(`${name} has it`);
      return new Promise((resolve) => ends.push(resolve));
    });
  const all = ['a', 'b', 'c'].map(hold);
  await settle();
  expect(log).toEqual(['a has it']);
  ends.shift()?.();
  await settle();
  expect(log).toEqual(['a has it', 'b has it']);
  ends.shift()?.();
  await settle();
  ends.shift()?.();
  await Promise.all(all);
  expect(log).toEqual(['a has it', 'b has it', 'c has it']);
});

test('G18 who gives up waiting never has the lock; who is robbed is told, and the thief keeps it', async () => {
  const { locks } = createTestOrigin();
  const log: string[] = [];
  let endFirst = (): void => undefined;
  const first = locks.request('leader', { signal }, () => new Promise((resolve) => (endFirst = resolve)));
  const impatient = new AbortController();
  const given = locks.request('leader', { signal: impatient.signal }, async () => void log.push('never'));
  impatient.abort();
  await expect(given).rejects.toMatchObject({ code: 'aborted' });
  let endThief = (): void => undefined;
  const thief = locks.request('leader', { signal, steal: true }, () => new Promise((resolve) => (endThief = resolve)));
  await expect(first).rejects.toMatchObject({ code: 'aborted' });
  const next = locks.request('leader', { signal }, async () => void log.push('next'));
  endFirst();
  await settle();
  expect(log).toEqual([]);
  endThief();
  await Promise.all([thief, next]);
  expect(log).toEqual(['next']);
});

test('S35 a tab hears the others of its channel, not itself, and nothing once it is closed', async () => {
  const { tabs } = createTestOrigin();
  const heard: unknown[] = [];
  const [a, b, other] = [tabs.open('x'), tabs.open('x'), tabs.open('y')];
  for (const [name, tab] of Object.entries({ a, b, other }))
    tab.messages$.subscribe((text) => heard.push([name, text]));
  a.post('from a');
  expect(heard).toEqual([]);
  await settle();
  b.close();
  a.post('nobody is there');
  b.post('closed');
  await settle();
  expect(heard).toEqual([['b', 'from a']]);
});
