import { afterEach, expect, it } from 'vitest';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;
afterEach(() => world.closeAll());

const rolesOf = (tabs: readonly Tab[]) => tabs.map(({ sync }) => sync.getSnapshot().role);

it.each(['/claim/', '/journal/'])(
  'G20 G18 S30 a leader that was frozen does not take itself for the leader when the records of %s of the next one are damaged',
  async (part) => {
    const storage = createPlannedStorage();
    world = createTabWorld({ storage });
    const tabs = [await world.open(), await world.open()] as const;
    const [first, second] = tabs;
    const stored = new Set(storage.items.keys());
    first.life.freeze();
    await world.advance(20_000);
    const news = [...storage.items.keys()].filter((key) => key.includes(part) && !stored.has(key));
    expect(news).not.toEqual([]);
    for (const key of news) storage.items.set(key, 'damaged');
    first.life.thaw();
    const writes = tabs.map(({ sync }, index) => sync.collection('tasks').put({ id: `${index}`, title: 'x' }));
    await world.advance(20_000);
    await Promise.all(writes.map(({ durable }) => durable));
    expect(rolesOf(tabs)).toEqual(['follower', 'leader']);
    expect(tabs.map((_, index) => world.backend.record('tasks', `${index}`)?.version)).toEqual([1, 1]);
    second.life.kill();
    await world.advance(20_000);
    const last = first.sync.collection('tasks').patch('1', { title: 'y' });
    await world.advance(20_000);
    await last.synced;
    expect([first.sync.getSnapshot().role, world.backend.entity('tasks', '1')?.['title']]).toEqual(['leader', 'y']);
  },
);
