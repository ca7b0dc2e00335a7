import { afterEach, describe, expect, test } from 'vitest';
import { foreign, keysOf, problem } from './answers.ts';
import { createFaultWorld, othersToken, type FaultWorld } from './fault-world.ts';
import type { Exchange } from './gateway.ts';
import { watch } from '../support/service-world.ts';
import { canary } from '../support/token-search.ts';

let world: FaultWorld;
let accepted: string;
let given: string;
let asked: number;
afterEach(() => world.close());

async function start() {
  accepted = given = `${canary}-1`;
  asked = 0;
  world = await createFaultWorld({
    server: { authenticate: (token) => (token === accepted || token === othersToken ? { id: 'ada' } : null) },
    token() {
      asked += 1;
      return given;
    },
  });
  return world.open();
}

interface Request {
  readonly idempotencyKey: string;
}

const requestsOf = ({ body }: Exchange) => (JSON.parse(body) as { requests: readonly Request[] }).requests;
const tokensOf = () => world.gateway.writes().map(({ headers }) => headers.get('authorization')?.slice(7));
const dayMs = 86_400_000;

describe('an expired session', () => {
  test('G7 in the middle of a drain pauses everything for one fresh token, then the same requests go again', async () => {
    const sync = await start();
    sync.pause();
    const tasks = sync.collection('tasks');
    const writes = Array.from({ length: 250 }, (_, n) => tasks.put({ id: `${n}`, n }));
    await world.settle();
    world.gateway.once('write', (_, apply) => {
      accepted = given = `${canary}-2`;
      return apply();
    });
    const before = asked;
    sync.resume();
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', pending: 0, parked: 0, error: null });
    expect(await Promise.all(writes.map(({ synced }) => synced))).toHaveLength(250);
    expect(asked - before).toBe(1);
    const contentByKey = new Map<string, Set<string>>();
    for (const request of world.gateway.writes().flatMap(requestsOf))
      contentByKey.set(
        request.idempotencyKey,
        (contentByKey.get(request.idempotencyKey) ?? new Set()).add(JSON.stringify(request)),
      );
    expect([...contentByKey.values()].map(({ size }) => size)).toEqual(Array.from({ length: 250 }, () => 1));
    expect(world.gateway.writes().flatMap(requestsOf).length).toBeGreaterThan(250);
  });

  test('G7 whose fresh token is refused too waits for the app, and asks nobody again and again', async () => {
    const sync = await start();
    accepted = 'nobody has it';
    const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
    await world.advance(7 * dayMs);
    expect(sync.getSnapshot()).toMatchObject({
      auth: 'needs-auth',
      blockers: ['needs-auth'],
      connectivity: 'online',
      pending: 1,
      parked: 0,
      stalled: false,
      error: { code: 'needs-auth' },
    });
    expect(write().is).toBe('open');
    expect(asked).toBeLessThanOrEqual(3);
    expect(world.gateway.exchanges.filter(({ path }) => !path.startsWith('/v1/health')).length).toBeLessThan(10);
    accepted = given = `${canary}-3`;
    sync.authRenewed();
    await world.advance(2_000);
    expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', blockers: [], error: null });
  });

  test('G7 stands beside what else is known: the network comes and goes, writes are kept, and a restart forgets none', async () => {
    const sync = await start();
    accepted = 'nobody has it';
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(60_000);
    world.setOnLine(false);
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', connectivity: 'offline' });
    expect(new Set(sync.getSnapshot().blockers)).toEqual(new Set(['offline', 'needs-auth']));
    expect(await sync.syncEntity('tasks', { id: '2', title: 'b' })).toMatchObject({ title: 'b' });
    sync.pause();
    sync.authRenewed();
    await world.settle();
    expect(sync.getSnapshot().blockers).toContain('paused');
    world.setOnLine(true);
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 2, parked: 0 });
    await sync.close();

    const again = await world.open();
    await world.advance(60_000);
    expect(again.getSnapshot()).toMatchObject({ auth: 'needs-auth', pending: 2 });
    accepted = given = `${canary}-3`;
    again.authRenewed();
    await world.advance(60_000);
    expect([await world.entity('1'), await world.entity('2')]).toEqual([
      { id: '1', title: 'a' },
      { id: '2', title: 'b' },
    ]);
  });

  test.each([
    ['a redirect to a login page', () => new Response(null, { status: 302, headers: { Location: '/login' } })],
    ['401 of a gateway with a page', () => foreign(401, '<form>Sign in</form>')],
    ['401', () => problem(401, 'unauthorized')],
  ])('G7 G12 %s is one, for a write that it did not let through', async (_, answer) => {
    const sync = await start();
    world.gateway.always('write', answer);
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(dayMs);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', pending: 1, parked: 0 });
    expect(world.gateway.writes().length).toBe(2);
    expect(new Set(world.gateway.writes().flatMap(keysOf)).size).toBe(1);
    world.gateway.always('write', null);
    sync.authRenewed();
    await world.advance(2_000);
    expect(await world.entity('1')).toEqual({ id: '1', title: 'a' });
  });

  test('G16 leaves its tokens in the Authorization header and nowhere else', async () => {
    const sync = await start();
    given = `${canary}-7c1e`;
    accepted = `${canary}-88aa`;
    const told: unknown[] = [];
    sync.events$.subscribe((event) => told.push(event));
    sync.state$.subscribe((state) => told.push(state));
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(60_000);
    given = accepted;
    sync.authRenewed();
    await world.advance(60_000);
    expect(sync.queue.size).toBe(0);
    const keys = await world.storage.keys();
    const stored = await Promise.all(keys.map((key) => world.storage.getItem(key)));
    const sent = world.gateway.exchanges.map(({ headers, ...rest }) => [
      rest,
      [...headers].filter(([name]) => name !== 'authorization'),
    ]);
    expect(JSON.stringify([told, keys, stored, sent, sync.queue.list()])).not.toContain(canary);
    expect(tokensOf()).toContain(`${canary}-88aa`);
  });
});
