import { afterEach, expect, it } from 'vitest';
import { RejectedError } from '../../src/index.ts';
import { neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { watch } from '../support/service-world.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

/** The first tab sleeps until the second one has taken over. */
async function sleep(first: Tab): Promise<void> {
  first.life.freeze();
  await world.advance(20_000);
  first.life.thaw();
}

async function follows(first: Tab): Promise<void> {
  await world.advance(5_000);
  expect(first.sync.getSnapshot().role).toBe('follower');
}

it.each([0, 1, 2, 4, 8, 16])(
  'G18 what a deposed leader retries %i ticks after it woke, unknowing, is sent by the one that took over',
  async (ticks) => {
    world = createTabWorld();
    const first = await world.open();
    await world.open();
    world.backend.once('create', refuseWith(new RejectedError({ status: 422 })));
    first.sync.collection('tasks').put({ id: '1', title: 'no' });
    await world.settle();
    await sleep(first);
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    const retried = watch(first.sync.queue.retry(first.sync.queue.parked()[0]?.id ?? ''));
    await follows(first);
    expect(retried()).toEqual({ is: 'resolved', value: undefined });
    expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'no' });
  },
);

it('G18 a pull that a deposed leader had begun is ended by the next one', async () => {
  world = createTabWorld();
  const first = await world.open();
  await world.open();
  world.backend.edit('tasks', '1', { id: '1', title: 'there' });
  world.backend.once('changes', neverAnswer);
  const pulled = watch(first.sync.collection('tasks').pull());
  await world.settle();
  await sleep(first);
  await follows(first);
  expect(pulled()).toEqual({ is: 'resolved', value: undefined });
  expect(first.sync.collection('tasks').get('1')).toMatchObject({ title: 'there' });
});

it('G18 what a deposed leader began to load is loaded by the next one', async () => {
  world = createTabWorld();
  const first = await world.open();
  await world.open();
  world.backend.edit('tasks', '1', { id: '1', title: 'there' });
  world.backend.once('get', neverAnswer);
  const loaded = watch(first.sync.collection('tasks').load('1'));
  await world.settle();
  await sleep(first);
  await follows(first);
  expect(loaded()).toMatchObject({ is: 'resolved', value: { title: 'there' } });
});
