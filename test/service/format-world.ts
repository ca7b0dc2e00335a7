import type { AnyCollections, ISyncService, SyncOptions } from '../../src/index.ts';
import { RejectedError } from '../../src/index.ts';
import { loseRequest } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

/** The options under which every fixture was stored. */
export const fixtureOptions: SyncOptions = {
  name: 'app',
  user: 'ann',
  conflict: 'manual',
  collections: { tasks: { exclude: ['/pin'] }, notes: {} },
};

/**
 * A service that has lived through everything that is stored: pages and later segments; entities that are clean, deleted,
 * pending, sealed, parked, contested, resolved; cursors, an excluded field. Closed. `asPages`: all of it is stored as pages.
 */
export async function storeEverything(asPages: boolean): Promise<Map<string, unknown>> {
  const storage = createPlannedStorage();
  const world = createServiceWorld({ storage });
  const sync = await world.open(fixtureOptions);
  const [tasks, notes] = [sync.collection('tasks'), sync.collection('notes')];
  world.backend.edit('notes', 'theirs', { text: 'täxt 👾 "quoted" \u2028' });
  for (const id of ['clean', 'gone', 'edited', 'refused', 'contested', 'settled', 'sealed'])
    await tasks.put({ id, title: id, tags: [{ id: 't', on: true }], ...(id === 'clean' ? { pin: '1' } : {}) }).synced;
  await sync.pull();
  await tasks.delete('gone').synced;
  await contest(world, sync, 'settled');
  await sync.conflicts.resolve(sync.conflicts.list()[0]?.id ?? '', 'local');
  await world.runUntil(() => sync.queue.size === 0);
  await storePages(world, storage);
  await contest(world, sync, 'contested');
  world.backend.once('write', () => {
    throw new RejectedError({ status: 422, message: 'no', detail: { why: ['because'] } });
  });
  notes.put({ id: 'refused', text: 'x' });
  await world.runUntil(() => sync.queue.parked().length === 1);
  world.backend.always('write', loseRequest);
  tasks.patch('sealed', { title: 'on its way' });
  await world.settle();
  sync.pause();
  tasks.patch('edited', { tags: [{ id: 't', on: false }, { id: 'u' }] });
  tasks.patch('edited', { title: undefined });
  notes.delete('theirs');
  await notes.put({ id: 'new', text: 'new' }).durable;
  if (asPages) await storePages(world, storage);
  await world.closeAll();
  return storage.items;
}

/** What was stored vanishes: everything in memory is stored again. */
async function storePages(world: ServiceWorld, storage: PlannedStorage): Promise<void> {
  storage.items.clear();
  world.signalPage('resumed');
  await world.advance(100);
}

async function contest(world: ServiceWorld, sync: ISyncService<AnyCollections>, id: string): Promise<void> {
  sync.pause();
  sync.collection('tasks').patch(id, { title: 'mine' });
  world.backend.edit('tasks', id, { title: 'theirs', tags: [] });
  sync.resume();
  await world.runUntil(() => sync.collection('tasks').status(id) === 'conflicted');
}

/** What a service finds in `items`, offline, as data. */
export async function contentOf(items: Map<string, unknown>, options: SyncOptions = {}): Promise<unknown> {
  const world = createServiceWorld({ storage: createPlannedStorage(items), onLine: false });
  const sync = world.create({ ...fixtureOptions, ...options });
  const quarantined: string[] = [];
  sync.events$.subscribe((event) => quarantined.push(...(event.type === 'record.quarantined' ? [event.key] : [])));
  sync.pause();
  await sync.ready;
  await world.settle();
  const content = {
    quarantined,
    tasks: sync.collection('tasks').list(),
    notes: sync.collection('notes').list(),
    statuses: Object.fromEntries(
      ['tasks', 'notes'].flatMap((name) =>
        sync
          .collection(name)
          .list()
          .map(({ id }) => [`${name}/${id}`, sync.collection(name).status(id)]),
      ),
    ),
    queue: sync.queue.list(),
    conflicts: sync.conflicts.list(),
    counts: ((state) => [state.pending, state.parked, state.conflicts])(sync.getSnapshot()),
  };
  await world.closeAll();
  return structuredClone(content);
}
