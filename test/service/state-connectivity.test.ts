import { describe, expect, it } from 'vitest';
import { CaptivePortalError, ForbiddenError, RateLimitedError, UnauthorizedError } from '../../src/index.ts';
import { loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer, BackendCall } from '../../src/testing/backend/planned-api-client.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch, type ServiceWorld } from '../support/service-world.ts';

const unavailable = (status?: number) =>
  refuseWith(Object.assign(new Error('no'), { code: 'unavailable', ...(status === undefined ? {} : { status }) }));

/** Everything is answered alike. */
function answerAll({ backend }: ServiceWorld, answer: Answer | null): void {
  for (const method of ['write', 'probe', 'changes', 'get'] as const) backend.always(method, answer);
}

const timesOf = (calls: readonly BackendCall[]) => calls.map(({ at }) => at);

describe('with a probe', () => {
  it('S45 connecting is not online, and ready says nothing of the network', async () => {
    const world = makeWorld();
    world.backend.always('probe', neverAnswer);
    const sync = await world.open();
    await sync.ready;
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'connecting', blockers: ['offline'], queue: 'waiting' });
    expect(sync.isOnline()).toBe(false);
  });

  it('S26 is online when the probe answered, though nothing was ever sent', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open();
    expect(sync.isOnline()).toBe(true);
    expect(world.backend.calls.map(({ method }) => method)).toEqual(['probe']);
  });

  it.each([
    ['401', refuseWith(new UnauthorizedError()), true],
    ['403', refuseWith(new ForbiddenError()), true],
    ['429', refuseWith(new RateLimitedError()), true],
    ['503', unavailable(503), true],
    ['no connection', unavailable(), false],
    ['a bad response', refuseWith(Object.assign(new Error('html'), { code: 'bad-response' })), false],
    ['a thrown string', refuseWith('nonsense'), false],
    ['a timeout', neverAnswer, false],
  ] as const)('S26 online means the backend itself answered: %s', async (_, answer, isOnline) => {
    const world = makeWorld({ changes: false });
    world.backend.always('probe', answer);
    const sync = await world.open();
    await world.advance(31_000);
    expect(sync.isOnline()).toBe(isOnline);
  });

  it('S26 the word of the platform is a hint: offline stops sending, online starts one jittered probe', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.setOnLine(false);
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'offline', blockers: ['offline'] });
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(10_000);
    expect(world.backend.writes()).toEqual([]);
    const before = world.backend.calls.length;
    const onlineAt = world.clock.now();
    world.setOnLine(true);
    world.setOnLine(true);
    await world.settle();
    expect(sync.getSnapshot().connectivity).toBe('reconnecting');
    expect(world.backend.calls.length).toBe(before);
    await world.advance(1_000);
    const probes = world.backend.calls.slice(before).filter(({ method }) => method === 'probe');
    expect(probes.length).toBe(1);
    expect(probes[0]!.at).toBeGreaterThan(onlineAt);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0 });
  });

  it('S26 an online network whose backend is down is not online', async () => {
    const world = makeWorld();
    answerAll(world, loseRequest);
    const sync = await world.open();
    for (let round = 0; round < 20; round += 1) {
      world.setOnLine(false);
      world.setOnLine(true);
      await world.advance(5_000);
      expect(sync.isOnline()).toBe(false);
    }
  });

  it('S26 a platform that wrongly says offline is asked past, and what waits is sent', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(61_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
    expect(sync.isOnline()).toBe(true);
  });

  it('a captive portal holds everything, says so, and the probe decides', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open();
    answerAll(world, refuseWith(new CaptivePortalError()));
    const write = watch(sync.collection('tasks').put({ id: '1', n: 1 }).synced);
    await world.advance(120_000);
    expect(sync.getSnapshot()).toMatchObject({
      connectivity: 'captive',
      blockers: ['captive'],
      pending: 1,
      parked: 0,
      error: { code: 'captive-portal' },
    });
    expect(world.backend.writes().length).toBe(1);
    world.backend.always('write', null);
    world.backend.always('changes', null);
    await world.advance(120_000);
    expect(world.backend.writes().length).toBe(1);
    world.backend.always('probe', null);
    await world.advance(120_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0, error: null });
    expect(write()).toMatchObject({ is: 'resolved', value: { version: 1 } });
  });

  it('S43 failing probes back off with full jitter up to the cap, and are bounded in time', async () => {
    const world = makeWorld({ changes: false, random: () => 0.999 });
    world.backend.always('probe', loseRequest);
    await world.open({ retry: { baseMs: 1_000, maxMs: 16_000 } });
    await world.advance(100_000);
    const times = timesOf(world.backend.calls);
    const delays = times.slice(1).map((at, index) => at - times[index]!);
    expect(delays.map((delay) => Math.round(delay / 100) / 10)).toEqual([1, 2, 4, 8, 16, 16, 16, 16, 16]);
  });

  it('S26 a request without an answer while online leads to probes, not to requests', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open();
    answerAll(world, loseRequest);
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(300_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'reconnecting', blockers: ['offline'], pending: 1 });
    expect(world.backend.writes().length).toBe(1);
    answerAll(world, null);
    await world.advance(120_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0 });
  });
});

describe('without a probe', () => {
  it('S26 the next waiting operation is the probe, and isOnline is false before', async () => {
    const world = makeWorld({ probe: false, changes: false });
    const sync = await world.open();
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'connecting', blockers: [], queue: 'idle', error: null });
    expect(sync.isOnline()).toBe(false);
    const write = sync.collection('tasks').put({ id: '1', n: 1 });
    await write.synced;
    await world.settle();
    expect(sync.isOnline()).toBe(true);
    expect(world.backend.calls.map(({ method }) => method)).toEqual(['create']);
  });

  it.each([
    ['no answer', loseRequest],
    ['never an answer', neverAnswer],
    ['nonsense', () => 42],
    ['a captive portal', refuseWith(new CaptivePortalError())],
  ])('S26 a first send that meets %s leads to an honest state and is tried again for ever', async (_, answer) => {
    const world = makeWorld({ probe: false, changes: false });
    const sync = await world.open();
    world.backend.always('write', answer);
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(40_000);
    const state = sync.getSnapshot();
    expect(state).toMatchObject({ connectivity: 'connecting', pending: 1, parked: 0 });
    expect(state.error).not.toBe(null);
    expect(sync.isOnline()).toBe(false);
    const sent = world.backend.writes().length;
    await world.advance(3_600_000);
    const more = world.backend.writes().length - sent;
    expect(more).toBeGreaterThan(30);
    expect(more).toBeLessThan(400);
    world.backend.always('write', null);
    await world.advance(91_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0, error: null });
  });

  it('S26 is honest about losing the backend again', async () => {
    const world = makeWorld({ probe: false, changes: false });
    const sync = await world.open();
    await sync.syncEntity('tasks', { id: '1', n: 1 });
    world.backend.always('write', loseRequest);
    sync.collection('tasks').put({ id: '2', n: 1 });
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'reconnecting', pending: 1 });
    world.backend.always('write', null);
    await world.advance(61_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0 });
  });

  it('S26 the platform says offline: nothing is sent until it says online, or the recheck lets one through', async () => {
    const world = makeWorld({ probe: false, changes: false, onLine: false });
    world.backend.always('write', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(59_000);
    expect(world.backend.writes()).toEqual([]);
    await world.advance(2_000);
    expect(world.backend.writes().length).toBe(1);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'offline', blockers: ['offline'] });
    world.backend.always('write', null);
    world.setOnLine(true);
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0 });
  });

  it('S43 what waits is sent with jitter after an online event', async () => {
    const starts: number[] = [];
    for (let seed = 0; seed < 8; seed += 1) {
      const world = makeWorld({ probe: false, changes: false, onLine: false, seed });
      const sync = await world.open();
      sync.collection('tasks').put({ id: '1', n: 1 });
      await world.settle();
      const onlineAt = world.clock.now();
      world.setOnLine(true);
      await world.advance(2_000);
      starts.push(world.backend.writes()[0]!.at - onlineAt);
    }
    expect(new Set(starts.map((start) => Math.round(start))).size).toBeGreaterThan(6);
    expect(Math.max(...starts)).toBeLessThanOrEqual(1_000);
  });
});

describe('an UnauthorizedError of a bare client', () => {
  it.each([{ changes: true }, { changes: false }])(
    'S26 one retry, then needs-auth, without a loop, the same request: %o',
    async (options) => {
      const world = makeWorld(options);
      const sync = await world.open();
      world.backend.always('write', refuseWith(new UnauthorizedError()));
      for (let n = 0; n < 10; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
      await world.advance(86_400_000);
      expect(sync.getSnapshot()).toMatchObject({
        auth: 'needs-auth',
        blockers: ['needs-auth'],
        connectivity: 'online',
        pending: 10,
        parked: 0,
        error: { code: 'needs-auth', status: 401 },
      });
      const byKey = new Map<string, number>();
      for (const { context } of world.backend.writes())
        byKey.set(context.idempotencyKey!, (byKey.get(context.idempotencyKey!) ?? 0) + 1);
      expect(Math.max(...byKey.values())).toBe(2);
      expect(world.backend.writes().length).toBeLessThanOrEqual(20);
      world.backend.always('write', null);
      sync.authRenewed();
      await world.settle();
      expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', blockers: [], pending: 0, error: null });
      expect(new Set(world.backend.effects).size).toBe(10);
    },
  );

  it('S26 a look that anyone may take does not hide that the write is refused', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open({ collections: { tasks: { detectConflicts: 'compare' } } });
    await sync.syncEntity('tasks', { id: '1', n: 1 });
    world.backend.always('write', refuseWith(new UnauthorizedError()));
    sync.collection('tasks').patch('1', { n: 2 });
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', pending: 1 });
    expect(world.backend.writes().length).toBe(3);
  });

  it('S26 a token accepted at the retry leads back to authorized', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new UnauthorizedError()));
    await sync.syncEntity('tasks', { id: '1', n: 1 }, { until: 'durable' });
    await world.advance(2_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', pending: 0, error: null });
  });

  it('S26 authRenewed with a token that is refused again waits again', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', refuseWith(new UnauthorizedError()));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(60_000);
    const before = world.backend.writes().length;
    sync.authRenewed();
    await world.advance(3_600_000);
    expect(sync.getSnapshot().auth).toBe('needs-auth');
    expect(world.backend.writes().length - before).toBeLessThanOrEqual(2);
  });

  it('S26 writes go on being taken, shown and stored while nobody is signed in', async () => {
    const world = makeWorld();
    const sync = await world.open();
    answerAll(world, refuseWith(new UnauthorizedError()));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(60_000);
    expect(await sync.syncEntity('tasks', { id: '2', n: 1 })).toMatchObject({ id: '2', n: 1 });
    expect(sync.collection('tasks').list().length).toBe(2);
    expect(sync.getSnapshot()).toMatchObject({ pending: 2, parked: 0, conflicts: 0, stalled: false });
  });

  it('S26 an answer that is lost at the retry decides nothing', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new UnauthorizedError()));
    world.backend.once('write', unavailable());
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'authorized', pending: 0 });
    expect(world.backend.effects.length).toBe(1);
  });
});
