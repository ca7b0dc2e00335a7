import { afterEach, expect, it } from 'vitest';
import {
  CaptivePortalError,
  EpochChangedError,
  ForbiddenError,
  RateLimitedError,
  UnauthorizedError,
} from '../../src/index.ts';
import { loseAnswer, loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { watch } from '../support/service-world.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;
afterEach(() => world.closeAll());

async function openTwo() {
  world = createTabWorld();
  const options = { collections: { tasks: {} } };
  const [leader, follower] = [await world.open(options), await world.open(options)];
  return { leader, follower };
}

function answerAll(answer: Answer | null): void {
  for (const method of ['write', 'probe', 'changes', 'get'] as const) world.backend.always(method, answer);
}

it('G7 G18 an expired session shows in every tab, and authRenewed() in any of them ends it', async () => {
  const { leader, follower } = await openTwo();
  answerAll(refuseWith(new UnauthorizedError()));
  const write = watch(follower.sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
  await world.advance(60_000);
  for (const { sync } of [leader, follower])
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', blockers: ['needs-auth'], pending: 1 });
  answerAll(null);
  follower.sync.authRenewed();
  await world.advance(5_000);
  expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  for (const { sync } of [leader, follower])
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', blockers: [], pending: 0 });
});

it('G12 G18 a captive portal shows in every tab, and what was written in any is sent when it is gone', async () => {
  const { leader, follower } = await openTwo();
  answerAll(refuseWith(new CaptivePortalError()));
  const writes = [leader, follower].map(({ sync }, n) => watch(sync.collection('tasks').put({ id: `${n}` }).synced));
  await world.advance(60_000);
  for (const { sync } of [leader, follower])
    expect([sync.getSnapshot(), sync.isOnline()]).toMatchObject([{ blockers: ['captive'], pending: 2 }, false]);
  answerAll(null);
  await world.advance(120_000);
  expect(writes.map((standing) => standing().is)).toEqual(['resolved', 'resolved']);
  expect([leader, follower].map(({ sync }) => sync.isOnline())).toEqual([true, true]);
});

it('S23 G18 flush() in a follower cuts a back-off short, and resolves when all is sent', async () => {
  const { follower } = await openTwo();
  world.backend.once('write', refuseWith(new RateLimitedError({ retryAfterMs: 3_600_000 })));
  follower.sync.collection('tasks').put({ id: '1' });
  await world.advance(60_000);
  expect(follower.sync.getSnapshot()).toMatchObject({ pending: 1 });
  const flushed = watch(follower.sync.flush());
  await world.advance(5_000);
  expect(flushed().is).toBe('resolved');
  expect(follower.sync.queue.size).toBe(0);
});

it('G2 G18 what was out when the leader was killed is not done twice', async () => {
  const { leader, follower } = await openTwo();
  world.backend.once('write', loseAnswer);
  world.backend.once('write', loseRequest);
  const write = watch(follower.sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
  await world.settle();
  leader.life.kill();
  await world.advance(120_000);
  expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  expect(world.backend.effects.length).toBe(1);
  expect(follower.sync.conflicts.list()).toEqual([]);
});

it('S39 G18 a new life of the server reaches every tab, once, with what each has written', async () => {
  world = createTabWorld();
  world.backend.epoch = 'one';
  world.backend.edit('tasks', 'kept', { title: 'kept' });
  const options = { collections: { tasks: {} } };
  const [leader, follower] = [await world.open(options), await world.open(options)];
  await world.advance(5_000);
  expect(follower.sync.collection('tasks').get('kept')).toMatchObject({ title: 'kept' });
  world.backend.epoch = 'two';
  world.backend.once('changes', refuseWith(new EpochChangedError({ epoch: 'two' })));
  const writes = [leader, follower].map(({ sync }, n) => watch(sync.collection('tasks').put({ id: `${n}` }).synced));
  await world.advance(60_000);
  expect(writes.map((standing) => standing().is)).toEqual(['resolved', 'resolved']);
  for (const { sync } of [leader, follower]) {
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 });
    expect(
      sync
        .collection('tasks')
        .list()
        .map(({ id }) => id),
    ).toEqual(['0', '1', 'kept']);
  }
});

it('S26 G18 pause() in a follower holds sending, and resume() lets it go on', async () => {
  const { leader, follower } = await openTwo();
  follower.sync.pause();
  await world.settle();
  const writes = [leader, follower].map(({ sync }, n) => watch(sync.collection('tasks').put({ id: `${n}` }).synced));
  await world.advance(10_000);
  expect(world.backend.writes()).toEqual([]);
  expect([leader, follower].map(({ sync }) => sync.getSnapshot().blockers)).toEqual([['paused'], ['paused']]);
  follower.sync.resume();
  await world.advance(10_000);
  expect(writes.map((standing) => standing().is)).toEqual(['resolved', 'resolved']);
});

it('S26 G18 pause() holds for a tab that is opened later, also when it leads, until resume()', async () => {
  const { leader, follower } = await openTwo();
  follower.sync.pause();
  await world.settle();
  const later = await world.open({ collections: { tasks: {} } });
  const closed = [leader, follower].map(({ sync }) => sync.close());
  await world.advance(5_000);
  await Promise.all(closed);
  later.sync.collection('tasks').put({ id: '1' });
  await world.advance(60_000);
  expect(later.sync.getSnapshot()).toMatchObject({ role: 'leader', queue: 'paused', blockers: ['paused'] });
  expect(world.backend.writes()).toEqual([]);
  const last = await world.open({ collections: { tasks: {} } });
  last.sync.resume();
  await world.advance(5_000);
  expect(world.backend.writes().length).toBe(1);
  later.life.kill();
  last.sync.collection('tasks').put({ id: '2' });
  await world.advance(60_000);
  expect(world.backend.writes().length).toBe(2);
});

it('G18 a tab that leads no more shows no error of the way that it had', async () => {
  const { leader, follower } = await openTwo();
  world.backend.once('changes', refuseWith(new ForbiddenError()));
  const pulled = leader.sync.pull().catch(() => undefined);
  await world.settle();
  await pulled;
  expect(leader.sync.getSnapshot()).toMatchObject({ role: 'leader', error: { code: 'forbidden' } });
  leader.life.freeze();
  await world.advance(20_000);
  leader.life.thaw();
  await world.advance(5_000);
  for (const { sync } of [leader, follower]) expect(sync.getSnapshot().error).toBeNull();
  expect(leader.sync.getSnapshot().role).toBe('follower');
});
