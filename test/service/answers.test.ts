import { describe, expect, it } from 'vitest';
import {
  BadResponseError,
  ConflictError,
  ForbiddenError,
  MisconfiguredError,
  NotFoundError,
  RateLimitedError,
  RejectedError,
  SyncError,
  TooLargeError,
  UnavailableError,
  type ISyncService,
} from '../../src/index.ts';
import { answerWith, loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch, type ServiceWorld, type ServiceWorldOptions } from '../support/service-world.ts';

function makeFeedlessWorld(options?: ServiceWorldOptions): ServiceWorld {
  const world = makeWorld({ changes: false, ...options });
  return world;
}

const hostileRecord = new Proxy(
  {},
  {
    get() {
      throw new Error('trap');
    },
  },
);
const cyclic: Record<string, unknown> = { name: 'x' };
cyclic['self'] = cyclic;

const notAnAnswer: readonly [string, Answer][] = [
  ['undefined', answerWith(undefined)],
  ['null', answerWith(null)],
  ['a string', answerWith('<html>')],
  ['an empty object', answerWith({})],
  ['an array', answerWith([])],
  ['another entity', answerWith({ entity: { id: 'other', updatedAt: '2026-01-01T00:00:00Z' }, version: 1 })],
  ['no version', answerWith({ entity: { id: '1', updatedAt: '2026-01-01T00:00:00Z' } })],
  ['a NaN version', answerWith({ entity: { id: '1' }, version: NaN })],
  ['an object as version', answerWith({ entity: { id: '1' }, version: {} })],
  ['a tombstone', answerWith({ entity: null, version: 2, deleted: true })],
  ['an entity called deleted', answerWith({ entity: { id: '1' }, version: 2, deleted: true })],
  ['a date for updatedAt', answerWith({ entity: { id: '1' }, version: 2, updatedAt: new Date() })],
  ['an entity that is no JSON', answerWith({ entity: { id: '1', at: new Date() }, version: 1 })],
  ['a cyclic entity', answerWith({ entity: { id: '1', cyclic }, version: 1 })],
  ['a record with traps', answerWith(hostileRecord)],
  ['a thrown string', refuseWith('401 Unauthorized')],
  ['a thrown undefined', refuseWith(undefined)],
  ['a thrown object with traps', refuseWith(hostileRecord)],
  ['an error that mentions 401', refuseWith(new Error('Request failed with status code 401'))],
  ['an unknown code', refuseWith(Object.assign(new Error('x'), { code: 'ECONNRESET' }))],
  ['BadResponseError', refuseWith(new BadResponseError())],
  ['UnavailableError', refuseWith(new UnavailableError())],
  ['UnavailableError 500', refuseWith(new UnavailableError({ status: 500 }))],
  ['a SyncError of no answer', refuseWith(new SyncError('parked', 'not an answer'))],
  ['ConflictError without a record', refuseWith(new ConflictError({ current: undefined as never }))],
  [
    'ConflictError of another entity',
    refuseWith(new ConflictError({ current: { entity: { id: 'x', updatedAt: '' }, version: 1 } })),
  ],
  ['ConflictError with traps', refuseWith(new ConflictError({ current: hostileRecord as never }))],
  [
    'a synchronous throw',
    () => {
      throw new TypeError('not a function');
    },
  ],
  ['never', neverAnswer],
];

async function putOne(world: ServiceWorld): Promise<{ sync: ISyncService; synced: ReturnType<typeof watch> }> {
  const sync = await world.open();
  const write = sync.collection('tasks').put({ id: '1', title: 'a' });
  return { sync, synced: watch(write.synced) };
}

describe('what is no answer', () => {
  it.each(notAnAnswer)('S36 G12 %s: the outcome is unknown, the same request goes again', async (_, answer) => {
    const world = makeFeedlessWorld();
    world.backend.always('write', answer);
    const { sync, synced } = await putOne(world);
    await world.advance(31_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 1, parked: 0, conflicts: 0 });
    expect(sync.getSnapshot().error).not.toBe(null);
    expect(sync.queue.list()).toMatchObject([{ type: 'create', entity: { title: 'a' } }]);
    expect(synced().is).toBe('open');
    world.backend.always('write', null);
    await world.advance(120_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { title: 'a', version: 1 } });
    const keys = world.backend.writes().map(({ context }) => context.idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBeGreaterThan(1);
    expect(sync.getSnapshot().error).toBe(null);
  });

  it('S36 the time of an answer without updatedAt is filled', async () => {
    const world = makeFeedlessWorld();
    world.backend.once('write', answerWith({ entity: { id: '1', title: 'a' }, version: 'v1' }));
    const { synced } = await putOne(world);
    await world.advance(1_000);
    const { value } = synced() as { value: { updatedAt: string } };
    expect(new Date(value.updatedAt).getTime()).not.toBeNaN();
  });

  it('S36 a delete is acknowledged by nothing, null or a tombstone, and by no entity', async () => {
    for (const [answer, isSettled] of [
      [undefined, true],
      [null, true],
      [{ entity: null, version: 2, deleted: true }, true],
      [{ entity: null, version: 2 }, true],
      [{ entity: { id: '1', updatedAt: '' }, version: 2 }, false],
      ['OK', false],
      [{}, false],
    ] as const) {
      const world = makeFeedlessWorld();
      const sync = await world.open();
      await sync.syncEntity('tasks', { id: '1', n: 1 });
      world.backend.always('delete', answerWith(answer));
      const synced = watch(sync.collection('tasks').delete('1').synced);
      await world.settle();
      expect(synced().is, JSON.stringify(answer)).toBe(isSettled ? 'resolved' : 'open');
    }
  });

  it('a late answer of an attempt that timed out is ignored', async () => {
    const world = makeFeedlessWorld();
    const late: ((value: unknown) => void)[] = [];
    world.backend.once('write', () => new Promise((resolve) => late.push(resolve)));
    const { sync, synced } = await putOne(world);
    await world.advance(60_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { version: 1 } });
    expect(world.backend.writes()[0]!.context.signal.aborted).toBe(true);
    late[0]!({ entity: { id: '1', title: 'late', updatedAt: '2026-01-01T00:00:00Z' }, version: 99 });
    await world.settle();
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'a', version: 1 });
    expect(sync.queue.size).toBe(0);
  });

  it('a late failure of an attempt that timed out is ignored', async () => {
    const world = makeFeedlessWorld();
    const late: ((error: unknown) => void)[] = [];
    world.backend.once('write', () => new Promise((_, reject) => late.push(reject)));
    const { sync, synced } = await putOne(world);
    await world.advance(60_000);
    expect(synced().is).toBe('resolved');
    late[0]!(new ForbiddenError());
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ parked: 0, pending: 0, error: null });
  });
});

describe('definite refusals', () => {
  it.each([
    ['400', new RejectedError({ status: 400 }), 'rejected'],
    ['403', new ForbiddenError(), 'forbidden'],
    ['409', new RejectedError({ status: 409 }), 'rejected'],
    ['422', new RejectedError({ status: 422, detail: { errors: [{ path: '/n' }] } }), 'rejected'],
    ['413 of a single one', new TooLargeError(), 'too-large'],
    ['404 on create', new NotFoundError(), 'not-found'],
    ['one of another copy of the library', { code: 'forbidden', message: 'no', status: 403 }, 'forbidden'],
    ['an entity refused by another copy', { code: 'invalid-entity', message: 'no', retryable: true }, 'invalid-entity'],
    ['a patch refused by another copy', { code: 'invalid-patch', message: 'no' }, 'invalid-patch'],
    ['an id refused by another copy', { code: 'invalid-id', message: 'no' }, 'invalid-id'],
  ])('G7 %s parks with the problem, and nothing is sent again by itself', async (_, error, code) => {
    const world = makeFeedlessWorld();
    world.backend.always('write', refuseWith(error));
    const { sync, synced } = await putOne(world);
    await world.advance(3_600_000);
    expect(synced()).toMatchObject({ is: 'rejected', error: { code: 'parked' } });
    expect(sync.queue.parked()).toMatchObject([{ entityId: '1', status: 'parked', error: { code } }]);
    expect(sync.queue.parked()[0]!.error!.detail).toEqual((error as { detail?: unknown }).detail);
    expect(world.backend.writes().length).toBe(1);
    await sync.close();
    const again = await world.open();
    await world.advance(3_600_000);
    expect(again.queue.parked()).toMatchObject([{ entityId: '1', error: { code } }]);
    expect(again.collection('tasks').get('1')).toMatchObject({ title: 'a' });
    expect(world.backend.writes().length).toBe(1);
  });

  it.each([
    ['cyclic', cyclic],
    ['a BigInt', { n: 1n }],
    ['a function', { f: () => 1 }],
    ['a Date', { at: new Date(0) }],
    ['with traps', hostileRecord],
  ])('G7 a refusal whose detail is %s parks all the same, and outlives a restart', async (_, detail) => {
    const world = makeFeedlessWorld();
    world.backend.always('write', refuseWith(new RejectedError({ status: 422, detail: detail as never })));
    const { sync } = await putOne(world);
    await world.advance(1_000);
    expect(sync.queue.parked()).toMatchObject([{ error: { code: 'rejected', status: 422 } }]);
    await sync.close();
    expect((await world.open()).queue.parked()).toMatchObject([{ error: { code: 'rejected', status: 422 } }]);
  });

  it('404 on update is a delete against an edit, on delete it is done', async () => {
    const world = makeFeedlessWorld();
    const sync = await world.open({ conflict: 'manual' });
    await sync.syncEntity('tasks', { id: '1', n: 1 });
    await sync.syncEntity('tasks', { id: '2', n: 1 });
    world.backend.edit('tasks', '1', null);
    world.backend.edit('tasks', '2', null);
    world.backend.always('write', refuseWith(new NotFoundError()));
    sync.collection('tasks').patch('1', { n: 2 });
    const deleted = watch(sync.collection('tasks').delete('2').synced);
    await world.settle();
    expect(sync.conflicts.list()).toMatchObject([{ entityId: '1', remote: null, local: { n: 2 }, status: 'open' }]);
    expect(deleted()).toMatchObject({ is: 'resolved', value: null });
  });

  it('415 stops everything loudly, and nothing is parked', async () => {
    const world = makeFeedlessWorld();
    world.backend.always('write', refuseWith(new MisconfiguredError({ status: 415 })));
    const { sync, synced } = await putOne(world);
    sync.collection('tasks').put({ id: '2', title: 'b' });
    await world.advance(3_600_000);
    expect(sync.getSnapshot()).toMatchObject({
      blockers: ['misconfigured'],
      queue: 'waiting',
      pending: 2,
      parked: 0,
      stalled: false,
      error: { code: 'misconfigured' },
    });
    expect(world.backend.writes().length).toBeLessThanOrEqual(2);
    expect(synced().is).toBe('open');
    world.backend.always('write', null);
    sync.authRenewed();
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ blockers: [], pending: 0, error: null });
  });

  it.each([
    ['403', new ForbiddenError(), 'forbidden'],
    ['422', new RejectedError({ status: 422 }), 'rejected'],
  ])('G5 %s on the look before an update parks it, instead of asking for ever', async (_, error, code) => {
    const world = makeFeedlessWorld();
    const sync = await world.open();
    world.backend.always('get', refuseWith(error));
    sync.collection('tasks').put({ id: '1', title: 'a', version: 7 });
    sync.collection('tasks').delete('2');
    await world.advance(600_000);
    expect(sync.queue.parked()).toMatchObject([
      { entityId: '1', error: { code } },
      { entityId: '2', error: { code } },
    ]);
    expect(world.backend.calls.filter(({ method }) => method === 'get').length).toBe(2);
    world.backend.always('get', null);
    await sync.queue.retry(sync.queue.parked()[1]!.id);
    await sync.flush();
    expect(sync.queue.list().map(({ entityId }) => entityId)).toEqual(['1']);
  });

  it('a look that is not answered says so, and goes on when it is', async () => {
    const world = makeFeedlessWorld();
    const sync = await world.open();
    world.backend.always('get', loseRequest);
    world.backend.always('probe', loseRequest);
    const write = sync.collection('tasks').delete('2');
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'reconnecting', error: { code: 'unavailable' } });
    world.backend.always('get', null);
    world.backend.always('probe', null);
    await world.advance(60_000);
    expect(await write.synced).toBe(null);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
  });
});

describe('back-off', () => {
  it.each([
    ['seconds', 120_000, 120_000],
    ['a year', 31_536_000_000, 3_600_000],
    ['nothing', undefined, 0],
    ['a negative number', -5_000, 0],
    ['NaN', NaN, 0],
    ['Infinity', Infinity, 3_600_000],
    ['a string', '120' as never, 0],
  ])('S43 Retry-After of %s is the floor under full jitter, an hour at most', async (_, retryAfterMs, floorMs) => {
    for (const error of [new RateLimitedError({ retryAfterMs }), new UnavailableError({ status: 503, retryAfterMs })]) {
      const world = makeFeedlessWorld({ random: () => 0.5 });
      world.backend.once('write', refuseWith(error));
      const { sync } = await putOne(world);
      await world.settle();
      const at = Date.parse(sync.getSnapshot().nextRetryAt ?? '') - world.backend.writes()[0]!.at;
      expect(at).toBe(floorMs + 500);
      await world.advance(floorMs);
      expect(world.backend.writes().length).toBe(1);
      await world.advance(500);
      expect(world.backend.writes().length).toBe(2);
      expect(sync.getSnapshot()).toMatchObject({ pending: 0, nextRetryAt: null });
    }
  });

  it('S43 429 stops everything, new work too, until the time that was asked for', async () => {
    const world = makeFeedlessWorld();
    world.backend.once('write', refuseWith(new RateLimitedError({ retryAfterMs: 60_000 })));
    const { sync } = await putOne(world);
    await world.settle();
    for (let second = 0; second < 50; second += 1) {
      sync.collection('tasks').put({ id: `n${second}`, n: second });
      await world.advance(1_000);
    }
    expect(world.backend.writes().length).toBe(1);
    await world.advance(12_000);
    expect(sync.getSnapshot().pending).toBe(0);
  });

  it('S43 a network that comes and goes neither cuts a back-off short nor begins it anew', async () => {
    const world = makeFeedlessWorld({ random: () => 0.5 });
    world.backend.once('write', refuseWith(new RateLimitedError({ retryAfterMs: 60_000 })));
    const { sync } = await putOne(world);
    await world.settle();
    const since = world.clock.now();
    for (let second = 0; second < 55; second += 11) {
      world.setOnLine(false);
      await world.advance(1_000);
      expect(sync.getSnapshot()).toMatchObject({ queue: 'waiting', nextRetryAt: null });
      world.setOnLine(true);
      await world.advance(10_000);
      expect(sync.getSnapshot()).toMatchObject({ queue: 'backing-off', nextRetryAt: expect.any(String) });
    }
    await world.advance(60_000);
    expect(world.backend.writes().map(({ at }) => at - since)).toEqual([0, 60_500]);
  });

  it('S43 delays grow to the cap and stay there; requests are bounded', async () => {
    const world = makeFeedlessWorld({ random: () => 0.999_999 });
    world.backend.always('write', refuseWith(new UnavailableError({ status: 500 })));
    const sync = await world.open({ retry: { baseMs: 100, maxMs: 1_600 } });
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(20_000);
    const times = world.backend.writes().map(({ at }) => at);
    const delays = times.slice(1, 9).map((at, index) => Math.round((at - times[index]!) / 10) * 10);
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 1_600, 1_600, 1_600]);
  });

  it.each([0, 0.5])('G5 many failing entities are no hot loop and starve nobody (random %d)', async (random) => {
    const world = makeFeedlessWorld({ random: () => random });
    const sync = await world.open({ retry: { baseMs: 1_000, maxMs: 60_000 } });
    world.backend.always('write', async (call, apply) => {
      if (call.id.startsWith('bad')) throw new UnavailableError({ status: 500 });
      return apply();
    });
    for (let n = 0; n < 40; n += 1) sync.collection('tasks').put({ id: `bad${n}`, n });
    for (let n = 0; n < 40; n += 1) sync.collection('tasks').put({ id: `good${n}`, n });
    await world.advance(random === 0 ? 100 : 60_000);
    expect(world.backend.effects.length).toBe(40);
    expect(sync.getSnapshot().pending).toBe(40);
    sync.collection('tasks').put({ id: 'later', n: 1 });
    await world.advance(random === 0 ? 100 : 60_000);
    expect(world.backend.entity('tasks', 'later')).toBeDefined();
    if (random > 0) expect(world.backend.writes().length).toBeLessThan(41 + 40 * 12);
    world.backend.always('write', null);
    await world.advance(120_000);
    expect(sync.getSnapshot().pending).toBe(0);
  });

  it('G5 entities whose calls never settle do not hold up others', async () => {
    const world = makeFeedlessWorld();
    const sync = await world.open({ concurrency: 2 });
    world.backend.always('write', async (call, apply) => {
      if (call.id.startsWith('dead')) return neverAnswer(call, apply);
      return apply();
    });
    for (let n = 0; n < 6; n += 1) sync.collection('tasks').put({ id: `dead${n}`, n });
    for (let n = 0; n < 6; n += 1) sync.collection('tasks').put({ id: `good${n}`, n });
    await world.advance(300_000);
    expect(world.backend.effects.length).toBe(6);
    expect(sync.getSnapshot()).toMatchObject({ pending: 6, parked: 0 });
  });

  it('G5 what breaks while a request is made holds up that request only, and for a while', async () => {
    let breaks = 0;
    const random = () => {
      if (breaks === 0) return 0.5;
      breaks -= 1;
      throw new Error('no entropy');
    };
    for (const times of [1, 2, 20]) {
      const world = makeFeedlessWorld({ random });
      const sync = await world.open({ concurrency: 1 });
      sync.pause();
      for (const id of ['1', '2', '3']) sync.collection('tasks').put({ id, n: 1 });
      await world.settle();
      breaks = times;
      sync.resume();
      await world.settle();
      expect(sync.getSnapshot().pending).toBeGreaterThan(0);
      await world.advance(120_000);
      expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
    }
  });
});
