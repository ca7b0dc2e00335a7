import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

/** A storage as one tab has it: `seen` tells of each segment it reads, and may put another record in its place. */
function watched(storage: KeyValueStorage, seen: (key: string, value: unknown) => unknown): KeyValueStorage {
  return {
    getItem: async <T>(key: string) => {
      const value = await storage.getItem<T>(key);
      return key.includes('/journal/') ? (seen(key, value) as T) : value;
    },
    setItem: (key, value) => storage.setItem(key, value),
    removeItem: (key) => storage.removeItem(key),
    keys: () => storage.keys(),
    clear: () => storage.clear(),
  };
}

it('G20 a damaged draft of another tab is set aside and reported, and what comes after it is sent', async () => {
  const shared = createMemoryStorage();
  world = createTabWorld({ storage: shared });
  let own = '';
  const damaging = watched(shared, (key, value) =>
    key.endsWith('0000000001') && !key.includes(own) ? 'damaged' : value,
  );
  const first = await world.open({ storage: damaging });
  own = (await shared.keys()).find((key) => key.includes('/journal/'))?.split('/')[5] as string;
  const second = await world.open();
  const reported: string[] = [];
  first.sync.events$.subscribe((event) => void (event.type === 'record.quarantined' && reported.push(event.key)));
  for (const id of ['1', '2']) {
    await second.sync.collection('tasks').put({ id, title: id }).durable;
    await world.advance(1_000);
  }
  expect(['1', '2'].map((id) => world.backend.record('tasks', id)?.entity?.id ?? null)).toEqual([null, '2']);
  const aside = (await shared.keys()).filter((key) => key.includes('/quarantine/'));
  expect([reported, aside.map((key) => key.endsWith('/0000000001'))]).toEqual([aside, [true]]);
});

it('G15 a new leader asks for no segment of another tab that is stored no more', async () => {
  const shared = createMemoryStorage();
  world = createTabWorld({ storage: shared });
  const first = await world.open();
  const second = await world.open();
  let absent = 0;
  const third = await world.open({
    storage: watched(shared, (_, value) => {
      absent += value === null ? 1 : 0;
      return value;
    }),
  });
  for (const { sync } of [second, first]) {
    for (let count = 0; count < 20; count += 1) {
      await sync.collection('tasks').put({ id: '1', title: `${count}`.padEnd(200_000, '.') }).durable;
      await world.advance(1_000);
    }
  }
  expect((await shared.keys()).filter((key) => key.includes('/journal/'))).toEqual([]);
  first.life.kill();
  second.life.freeze();
  await world.advance(20_000);
  expect(third.sync.getSnapshot().role).toBe('leader');
  absent = 0;
  second.life.thaw();
  await world.advance(20_000);
  await second.sync.collection('tasks').put({ id: '2', title: 'after' }).durable;
  await world.advance(1_000);
  expect(world.backend.record('tasks', '2')?.entity).toMatchObject({ title: 'after' });
  expect(absent).toBeLessThan(3);
});
