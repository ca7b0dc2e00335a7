import { afterEach, expect, it } from 'vitest';
import { RejectedError, type ConflictResolver } from '../../src/index.ts';
import { loseAnswer } from '../../src/testing/backend/answers.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

const titleOf = (id: string) => world.backend.record('tasks', id)?.entity?.['title' as never];

/** The second tab leads while the first is frozen, and closes when it has done its work; then the first leads again. */
async function leadMeanwhile(first: Tab, second: Tab, work: () => Promise<unknown>): Promise<void> {
  first.life.freeze();
  await world.advance(20_000);
  expect(second.sync.getSnapshot().role).toBe('leader');
  const done = work();
  await world.advance(20_000);
  await done;
  first.life.thaw();
  await world.advance(1_000);
  expect(first.sync.getSnapshot().role).toBe('follower');
  const closed = second.sync.close();
  await world.advance(20_000);
  await closed;
  expect(first.sync.getSnapshot().role).toBe('leader');
}

it('G5 an entity that was refused in an earlier reign is asked about when its next request has no answer', async () => {
  world = createTabWorld({ backend: { idempotent: false, changes: false } });
  const first = await world.open();
  const second = await world.open();
  world.backend.once('create', () => {
    throw new RejectedError({ status: 422 });
  });
  first.sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.settle();
  await leadMeanwhile(first, second, () => second.sync.queue.retry(second.sync.queue.parked()[0]?.id ?? ''));
  expect(titleOf('1')).toBe('a');
  world.backend.once('update', loseAnswer);
  first.sync.collection('tasks').patch('1', { title: 'b' });
  await world.advance(120_000);
  first.sync.collection('tasks').patch('1', { title: 'c' });
  await world.advance(120_000);
  expect(titleOf('1')).toBe('c');
  expect(first.sync.queue.size).toBe(0);
});

it('G5 a conflict is resolved by the strategy though one of an earlier reign awaited a decision', async () => {
  world = createTabWorld();
  let isManual = true;
  const conflict: ConflictResolver = ({ local }) => (isManual ? 'manual' : { entity: local });
  const first = await world.open({ conflict });
  const second = await world.open({ conflict });
  first.sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.settle();
  world.backend.edit('tasks', '1', { id: '1', title: 'theirs' });
  first.sync.collection('tasks').patch('1', { title: 'ours' });
  await world.settle();
  await leadMeanwhile(first, second, () =>
    second.sync.conflicts.resolve(second.sync.conflicts.list()[0]?.id ?? '', 'remote'),
  );
  isManual = false;
  world.backend.edit('tasks', '1', { id: '1', title: 'theirs again' });
  first.sync.collection('tasks').patch('1', { title: 'ours again' });
  await world.advance(120_000);
  expect(titleOf('1')).toBe('ours again');
  expect(first.sync.queue.size).toBe(0);
});
