import { afterEach, expect, test } from 'vitest';
import { answerLost, keysOf, silence } from './answers.ts';
import { createFaultWorld, othersToken, type FaultWorld } from './fault-world.ts';
import { watch } from '../support/service-world.ts';
import { canary } from '../support/token-search.ts';

let world: FaultWorld;
afterEach(() => world.close());

const tokenOf = (user: string) => `${canary}-${user}`;
const userOf = new Map([...['ada', 'bob'].map((user) => [tokenOf(user), user] as const), [othersToken, othersToken]]);

/** Whoever is signed in gives their name in a token; each sees only what is theirs. */
async function start() {
  const session = { user: 'ada' };
  world = await createFaultWorld({
    token: () => tokenOf(session.user),
    server: {
      authenticate(token) {
        const id = userOf.get(token ?? '');
        return id === undefined ? null : { id };
      },
    },
  });
  return session;
}

const followed = { collections: { tasks: {} } };
const sentBy = (user: string) =>
  world.gateway.writes().filter(({ headers }) => headers.get('authorization') === `Bearer ${tokenOf(user)}`);

test('S35 G2 keeping the queue keeps requests that had no answer: signed in again, they take effect once', async () => {
  await start();
  const sync = await world.open({ ...followed, user: 'ada' });
  world.gateway.once('write', answerLost);
  world.gateway.always('feed', silence);
  const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
  await world.settle();
  await Promise.all([sync.signOut({ pending: 'keep' }), world.advance(1_000)]);
  expect(write().is).toBe('open');
  world.gateway.always('feed', null);
  const again = await world.open({ ...followed, user: 'ada' });
  await world.advance(60_000);
  expect(again.queue.size).toBe(0);
  expect(again.collection('tasks').get('1')).toMatchObject({ title: 'a', version: 1 });
  expect(new Set(sentBy('ada').flatMap(keysOf)).size).toBe(1);
  expect(again.conflicts.list()).toEqual([]);
});

test('S35 G16 the next user sends nothing of the one before, who finds it again', async () => {
  const session = await start();
  const ada = await world.open({ ...followed, user: 'ada' });
  world.setOnLine(false);
  await ada.collection('tasks').put({ id: 'of-ada', title: 'private' }).durable;
  await Promise.all([ada.signOut(), world.advance(1_000)]);
  session.user = 'bob';
  world.setOnLine(true);
  const bob = await world.open({ ...followed, user: 'bob' });
  await Promise.all([bob.collection('tasks').put({ id: 'of-bob' }).synced, world.advance(60_000)]);
  expect(bob.collection('tasks').has('of-ada')).toBe(false);
  await Promise.all([bob.signOut({ pending: 'discard' }), world.advance(1_000)]);
  session.user = 'ada';
  const again = await world.open({ ...followed, user: 'ada' });
  await world.advance(60_000);
  expect(again.collection('tasks').get('of-ada')).toMatchObject({ title: 'private', version: 1 });
  expect(sentBy('bob').map(({ path }) => path)).toEqual(['/v1/tasks/of-bob']);
  expect(sentBy('ada').map(({ path }) => path)).toEqual(['/v1/tasks/of-ada']);
});

test.each(['discard', 'export'] as const)(
  "S35 G7 '%s' ends a request that is out, says so to its promise, and leaves nothing",
  async (pending) => {
    await start();
    const sync = await world.open({ ...followed, user: 'ada' });
    world.gateway.always('write', silence);
    const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
    await world.settle();
    const [exported] = await Promise.all([sync.signOut({ pending }), world.advance(1_000)]);
    expect(write()).toMatchObject({ is: 'rejected', error: { code: 'discarded' } });
    expect(exported === undefined ? undefined : (JSON.parse(exported) as unknown)).toEqual(
      pending === 'export'
        ? [expect.objectContaining({ entityId: '1', entity: expect.anything() as unknown })]
        : undefined,
    );
    expect(await world.storage.keys()).toEqual([]);
    const sent = world.gateway.exchanges.length;
    await world.advance(3_600_000);
    expect(world.gateway.exchanges.length).toBe(sent);
  },
);
