import { afterEach, expect, test } from 'vitest';
import { problem, requestLost, silence } from './answers.ts';
import { createFaultWorld, othersToken, type FaultWorld } from './fault-world.ts';
import { watch } from '../support/service-world.ts';
import { canary } from '../support/token-search.ts';

let world: FaultWorld;
afterEach(() => world.close());

const weekMs = 7 * 86_400_000;
const followed = { collections: { tasks: {} } };

async function start() {
  const session = { accepted: `${canary}-1`, asked: 0 };
  world = await createFaultWorld({
    server: {
      authenticate: (token) => (token === session.accepted || token === othersToken ? { id: 'ada' } : null),
    },
    token() {
      session.asked += 1;
      return session.accepted;
    },
  });
  return { session, sync: await world.open(followed) };
}

/** A week in which everybody else goes on, and the session ends. */
async function sleepForAWeek(session: { accepted: string }): Promise<void> {
  world.signalPage('frozen');
  world.sleep(weekMs);
  session.accepted = `${canary}-2`;
  await world.edit('theirs', { title: 'written meanwhile' });
}

test.each([
  ['nothing under way', null],
  ['a request that is never answered', silence],
  ['a back-off of an hour', () => problem(503, 'busy', {}, { 'Retry-After': '3600' })],
  ['no connection', requestLost],
])('G5 G4 a device that wakes after a week, with %s, has sent and caught up in seconds', async (_, fault) => {
  const { sync, session } = await start();
  if (fault) world.gateway.once('write', fault);
  const before = watch(sync.collection('tasks').put({ id: 'before', title: 'a' }).synced);
  await world.settle();
  await sleepForAWeek(session);
  const after = watch(sync.collection('tasks').put({ id: 'after', title: 'b' }).synced);
  world.signalPage('resumed');
  await world.advance(fault === silence ? 33_000 : 3_000);
  expect([before(), after()]).toMatchObject([
    { is: 'resolved', value: { title: 'a', version: 1 } },
    { is: 'resolved', value: { title: 'b', version: 1 } },
  ]);
  expect(sync.collection('tasks').get('theirs')).toMatchObject({ title: 'written meanwhile' });
  expect(sync.getSnapshot()).toMatchObject({
    connectivity: 'online',
    auth: 'authorized',
    pending: 0,
    stalled: false,
    error: null,
  });
  expect(session.asked).toBe(2);
});

test('G4 a feed that asked to be left alone for an hour, or was being read, is read at once after a week', async () => {
  const { sync, session } = await start();
  for (const fault of [() => problem(429, 'busy', {}, { 'Retry-After': '3600' }), requestLost]) {
    world.gateway.once('feed', fault);
    const pulled = sync.pull().catch(() => undefined);
    await world.advance(100);
    await sleepForAWeek(session);
    world.gateway.once('feed', requestLost);
    world.signalPage('resumed');
    await world.advance(5_000);
    await pulled;
    expect(sync.collection('tasks').get('theirs')).toMatchObject({ title: 'written meanwhile' });
    await world.edit('theirs', null);
    await Promise.all([sync.pull(), world.advance(5_000)]);
    expect(sync.collection('tasks').has('theirs')).toBe(false);
  }
});

test('G5 a device that wakes without a network sends when there is one', async () => {
  const { sync, session } = await start();
  world.setOnLine(false);
  const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
  await world.settle();
  await sleepForAWeek(session);
  world.gateway.always('any', requestLost);
  world.signalPage('resumed');
  await world.advance(10_000);
  expect(sync.getSnapshot()).toMatchObject({ pending: 1, blockers: ['offline'] });
  world.gateway.always('any', null);
  world.setOnLine(true);
  await world.advance(3_000);
  expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
});

test('G4 S6 a clock that jumps a week ahead and back again changes nothing of what is sent and seen', async () => {
  const { sync } = await start();
  const tasks = sync.collection('tasks');
  const writes = [tasks.put({ id: '1', n: 0 })];
  for (const ms of [weekMs, -weekMs, -3_600_000, 3_600_000]) {
    world.sleep(ms);
    writes.push(tasks.patch('1', { n: writes.length }));
    await world.advance(1_000);
  }
  await world.advance(120_000);
  const stamps = sync.conflicts.list();
  expect(stamps).toEqual([]);
  expect(await world.entity('1')).toEqual({ id: '1', n: 4 });
  expect(await Promise.all(writes.map(({ synced }) => synced))).toHaveLength(5);
  expect(sync.getSnapshot()).toMatchObject({ pending: 0, stalled: false });
});

test('G5 the platform says nothing of a sleep: timers that stood still go on, and what waits is sent', async () => {
  const { sync, session } = await start();
  world.gateway.once('write', () => problem(503, 'busy', {}, { 'Retry-After': '30' }));
  const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
  await world.settle();
  world.sleep(weekMs);
  session.accepted = `${canary}-2`;
  await world.advance(40_000);
  expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', pending: 0 });
});
