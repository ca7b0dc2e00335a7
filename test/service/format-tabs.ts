import { EpochChangedError, RejectedError } from '../../src/index.ts';
import { loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';
import { fixtureOptions } from './format-world.ts';

/**
 * Tabs that have lived through every kind of entry that a journal holds, killed one after the other and the last two
 * together, with drafts that no log has. `asPages`: what the second leader knew is stored as pages, under later segments.
 */
export async function storeAsTabs(asPages: boolean): Promise<Map<string, unknown>> {
  const storage = createPlannedStorage();
  const world = createTabWorld({ storage });
  const open = () => world.open({ ...fixtureOptions, retry: { baseMs: 3_600_000, maxMs: 3_600_000 } });
  const tasksOf = ({ sync }: Tab) => sync.collection('tasks');
  world.backend.epoch = 'first';
  const first = await open();
  const second = await open();
  world.backend.edit('notes', 'theirs', { text: 'täxt 👾 "quoted" \u2028' });
  await first.sync.pull();
  tasksOf(first).put({ id: 'clean', title: 'clean', tags: [{ id: 't', on: true }], pin: '1' });
  tasksOf(second).put({ id: 'drafted', title: 'drafted' });
  await world.settle();
  await first.sync.collection('notes').load('theirs');
  await decideOnRefused(world, first);
  await annihilate(world, first);
  await contest(world, first, 'decided');
  await first.sync.conflicts.resolve(first.sync.conflicts.list()[0]?.id ?? '', 'local');
  await world.settle();
  await contest(world, first, 'contested');
  world.backend.epoch = 'second';
  world.backend.once('write', refuseWith(new EpochChangedError({ epoch: 'second' })));
  tasksOf(first).patch('clean', { title: 'over a reset' });
  await world.advance(10_000);
  world.backend.always('write', loseRequest);
  tasksOf(second).patch('drafted', { title: 'on its way' });
  await world.advance(500);
  first.life.kill();
  await world.advance(1_000);
  tasksOf(second).put({ id: 'led', title: 'by the second leader' });
  await world.advance(500);
  if (asPages) {
    storage.items.clear();
    second.page$.next('resumed');
    await world.advance(5_000);
  }
  const third = await open();
  tasksOf(third).put({ id: 'imported', title: 'by the third tab' });
  await world.advance(500);
  const [leader, follower] = asPages ? [third, await open()] : [second, third];
  if (asPages) second.life.kill();
  await world.advance(1_000);
  tasksOf(leader).patch('led', { title: 'again' });
  await world.advance(500);
  leader.life.freeze();
  tasksOf(follower).patch('clean', { tags: [{ id: 't', on: false }] });
  tasksOf(follower).put({ id: 'alone', title: 'in no log' });
  follower.sync.collection('notes').delete('theirs');
  await world.advance(100);
  leader.life.kill();
  follower.life.kill();
  return storage.items;
}

/** One refused operation is tried again, and refused again; another is given up. */
async function decideOnRefused(world: TabWorld, { sync }: Tab): Promise<void> {
  const refuse = () =>
    world.backend.once('write', () => {
      throw new RejectedError({ status: 422, message: 'no', detail: { why: ['because'] } });
    });
  for (const id of ['refused', 'discarded']) {
    refuse();
    sync.collection('tasks').put({ id, title: id });
    await world.settle();
  }
  const parked = (id: string) => sync.queue.parked().find(({ entityId }) => entityId === id)?.id ?? '';
  refuse();
  await sync.queue.retry(parked('refused'));
  await world.settle();
  await sync.queue.discard(parked('discarded'));
  await world.settle();
}

async function annihilate(world: TabWorld, { sync }: Tab): Promise<void> {
  sync.pause();
  sync.collection('tasks').put({ id: 'brief', title: 'never sent' });
  sync.collection('tasks').delete('brief');
  await world.settle();
  sync.resume();
  await world.settle();
}

async function contest(world: TabWorld, { sync }: Tab, id: string): Promise<void> {
  sync.collection('tasks').put({ id, title: id, tags: [] });
  await world.settle();
  sync.pause();
  sync.collection('tasks').patch(id, { title: 'mine' });
  world.backend.edit('tasks', id, { title: 'theirs', tags: [{ id: 'u' }] });
  sync.resume();
  await world.advance(5_000);
}
