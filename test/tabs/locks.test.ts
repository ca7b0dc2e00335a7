import { afterEach, expect, it } from 'vitest';
import { SyncError } from '../../src/index.ts';
import type { LockPort } from '../../src/ports/environment.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;
afterEach(() => world.closeAll());

const roles = (...tabs: Tab[]) => tabs.map(({ sync }) => sync.getSnapshot().role);

/** The first `times` requests of each tab are refused. */
const refusing =
  (times: number, error: () => Error) =>
  (locks: LockPort): LockPort => {
    let left = times;
    return {
      request: (...args) => (left-- > 0 ? Promise.reject(error()) : locks.request(...args)),
    };
  };

it('G5 G18 where the platform refuses locks, tabs agree by messages', async () => {
  const unsupported = () => new SyncError('unsupported', 'This frame is sandboxed.');
  world = createTabWorld({ lockThrough: refusing(Infinity, unsupported) });
  const first = await world.open();
  const second = await world.open();
  expect(roles(first, second)).toEqual(['leader', 'follower']);
  second.sync.collection('tasks').put({ id: '1', title: 'sent' });
  await world.settle();
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'sent' });
  first.life.kill();
  await world.advance(20_000);
  expect(roles(second)).toEqual(['leader']);
});

it('G5 G18 a lock that could not be asked for once is asked for again', async () => {
  world = createTabWorld({ lockThrough: refusing(1, () => new Error('The document is not fully active.')) });
  const first = await world.open();
  await world.advance(5_000);
  expect(roles(first)).toEqual(['leader']);
  first.sync.collection('tasks').put({ id: '1', title: 'sent' });
  await world.settle();
  expect(world.backend.record('tasks', '1')?.entity).toMatchObject({ title: 'sent' });
  const second = await world.open();
  await world.advance(5_000);
  first.life.kill();
  await world.advance(3_000);
  expect(roles(second)).toEqual(['leader']);
});
