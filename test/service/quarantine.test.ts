import { afterEach, expect, it } from 'vitest';
import type { SyncEvent, SyncOptions } from '../../src/index.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld, idsOf, type ServiceWorld } from '../support/service-world.ts';

const options: SyncOptions = { collections: { tasks: {}, notes: {} } };

let world: ServiceWorld;
let storage: PlannedStorage;
afterEach(() => world.closeAll());

const keysWith = (part: string) => [...storage.items.keys()].filter((key) => key.includes(part));

/** Two collections from the backend, each on a page of its own; closed. */
async function storedPages(): Promise<void> {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage });
  for (const id of ['a', 'b']) world.backend.edit('tasks', id, { title: id });
  world.backend.edit('notes', 'n', { text: 'n' });
  const sync = await world.open(options);
  await sync.pull();
  storage.items.clear();
  world.signalPage('resumed');
  await world.advance(100);
  await sync.close();
  expect(keysWith('/page/').length).toBe(2);
}

it.each(['/page/', '/manifest/'])(
  'G4 G20 what a damaged record of %s held is fetched again, though the cursor was past it',
  async (part) => {
    await storedPages();
    for (const key of keysWith(part)) storage.items.set(key, 'damaged');
    const again = world.create(options);
    const quarantined: SyncEvent[] = [];
    again.events$.subscribe((event) => {
      if (event.type === 'record.quarantined') quarantined.push(event);
    });
    await again.ready;
    await world.advance(10_000);
    expect(quarantined.length).toBeGreaterThan(0);
    expect(idsOf(again, 'tasks')).toEqual(['a', 'b']);
    expect(idsOf(again, 'notes')).toEqual(['n']);
  },
);

it('G4 G20 what a missing page held is fetched again, though the cursor was past it', async () => {
  await storedPages();
  for (const key of keysWith('/page/')) storage.items.delete(key);
  const again = await world.open(options);
  await world.advance(10_000);
  expect(idsOf(again, 'tasks')).toEqual(['a', 'b']);
  expect(idsOf(again, 'notes')).toEqual(['n']);
});

it('G4 G20 what a damaged group of writes held is fetched again, also when the next life ends at once', async () => {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage });
  world.backend.edit('tasks', 'a', { title: 'a' });
  const sync = await world.open(options);
  await sync.pull();
  await sync.close();
  const told = keysWith('/journal/').find((key) => String(storage.items.get(key)).includes('"cursor"')) ?? '';
  storage.items.set(told, 'damaged');

  const short = createServiceWorld({ storage, onLine: false });
  await short.create(options).ready;
  const left = createPlannedStorage(structuredClone(storage.items));
  const other = createServiceWorld({ storage: left });
  other.backend.edit('tasks', 'a', { title: 'a' });
  const again = await other.open(options);
  await other.advance(10_000);
  expect(again.collection('tasks').list()).toMatchObject([{ id: 'a', title: 'a' }]);
  await Promise.all([short.closeAll(), other.closeAll()]);
});

it('G20 what was set aside lies as it was under the key of its event, and the rest of the queue can be exported', async () => {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage, onLine: false });
  const sync = await world.open(options);
  for (const id of ['a', 'b', 'c']) await sync.collection('tasks').put({ id }).durable;
  await sync.close();
  const [, key = ''] = keysWith('/journal/');
  const damaged = `${String(storage.items.get(key))} and more`;
  storage.items.set(key, damaged);

  const again = world.create(options);
  const keys: string[] = [];
  again.events$.subscribe((event) => {
    if (event.type === 'record.quarantined') keys.push(event.key);
  });
  await again.ready;
  await world.advance(100);
  expect(keys).toEqual([key.replace('/journal/', '/quarantine/journal/')]);
  expect(await storage.getItem(keys[0] ?? '')).toBe(damaged);
  const exported = JSON.parse(await again.queue.export()) as { entityId: string }[];
  expect(exported.map(({ entityId }) => entityId)).toEqual(['a', 'c']);
  await again.close();
  expect(keysWith('/quarantine/')).toEqual(keys);
});
