import { describe, expect, it } from 'vitest';
import {
  ConflictError,
  ForbiddenError,
  MisconfiguredError,
  RateLimitedError,
  RejectedError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  type SyncRequest,
} from '../../src/index.ts';
import { answerWith, loseAnswer, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer, BackendCall } from '../../src/testing/backend/planned-api-client.ts';
import { makeWorld } from '../support/make-world.ts';
import type { ServiceWorld, ServiceWorldOptions } from '../support/service-world.ts';

function makeBatchWorld(options?: ServiceWorldOptions): ServiceWorld {
  const world = makeWorld({ changes: false, batch: true, ...options });
  return world;
}

const requestsOf = ({ content }: BackendCall) => content as readonly SyncRequest[];
const batchesOf = ({ backend }: ServiceWorld) => backend.calls.filter(({ method }) => method === 'batch');
const sizesOf = (world: ServiceWorld) =>
  world.backend.writes().map((call) => (call.method === 'batch' ? requestsOf(call).length : 1));

type Outcomes = readonly { readonly idempotencyKey: string }[];

/** The backend does its work; the list of answers is changed on the way. */
function rewritten(change: (outcomes: Outcomes) => unknown): Answer {
  return async (_, apply) => change((await apply()) as Outcomes);
}

async function putMany(world: ServiceWorld, count: number) {
  const sync = await world.open();
  sync.pause();
  const writes = Array.from({ length: count }, (_, n) => sync.collection('tasks').put({ id: `${n}`, n }));
  await world.settle();
  sync.resume();
  await world.settle();
  return { sync, writes };
}

describe('batches', () => {
  it('S1 are sealed in one segment and sent in issue order', async () => {
    const world = makeBatchWorld();
    const sync = await world.open();
    sync.pause();
    for (let n = 0; n < 20; n += 1) sync.collection('tasks').put({ id: `${20 - n}`, n });
    await world.settle();
    const segments = new Set(await world.storage.keys());
    world.backend.always('write', neverAnswer);
    sync.resume();
    await world.settle();
    expect(requestsOf(batchesOf(world)[0]!).map(({ entityId }) => entityId)).toEqual(
      Array.from({ length: 20 }, (_, n) => `${20 - n}`),
    );
    const sealed = (await world.storage.keys()).filter((key) => !segments.has(key));
    expect(sealed.length).toBe(1);
  });

  it.each<[string, (outcomes: Outcomes) => unknown]>([
    ['reordered', (outcomes) => outcomes.toReversed()],
    ['doubled', (outcomes) => outcomes.flatMap((outcome) => [outcome, outcome])],
    [
      'doubled with another answer',
      (outcomes) => [
        ...outcomes,
        ...outcomes.map(({ idempotencyKey }) => ({ idempotencyKey, error: new ForbiddenError() })),
      ],
    ],
    [
      'more',
      (outcomes) => [
        { idempotencyKey: 'unknown', error: new ForbiddenError() },
        ...outcomes,
        null,
        'x',
        {},
        [],
        { idempotencyKey: 7 },
      ],
    ],
  ])('answers that are %s are matched by key', async (_, change) => {
    const world = makeBatchWorld();
    world.backend.always('batch', rewritten(change));
    const { sync, writes } = await putMany(world, 5);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
    expect((await Promise.all(writes.map(({ synced }) => synced))).map((entity) => entity!['n'])).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(batchesOf(world).length).toBe(1);
  });

  it('answers that are missing leave their requests pending, sent again under the same key', async () => {
    const world = makeBatchWorld();
    world.backend.once(
      'batch',
      rewritten((outcomes) => outcomes.slice(0, 2)),
    );
    const { sync } = await putMany(world, 5);
    expect(sync.getSnapshot()).toMatchObject({ pending: 3, parked: 0, connectivity: 'online' });
    expect(sync.queue.list().map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown']);
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
    expect(new Set(world.backend.effects).size).toBe(5);
    expect(world.backend.effects.length).toBe(5);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', { results: [] }],
    ['a string', '[]'],
    ['an empty list', []],
    ['a list of nothing', [null, undefined, 3]],
  ])('an answer that is %s leaves every member unknown', async (_, value) => {
    const world = makeBatchWorld();
    world.backend.once('batch', answerWith(value));
    const { sync } = await putMany(world, 5);
    expect(sync.getSnapshot()).toMatchObject({ pending: 5, parked: 0, conflicts: 0, error: { code: 'bad-response' } });
    await world.advance(30_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
    expect(world.backend.effects.length).toBe(5);
  });

  it('each member has its own fate: refused, contested, unknown, done', async () => {
    const world = makeBatchWorld();
    const sync = await world.open({ conflict: 'manual' });
    sync.pause();
    for (const id of ['done', 'forbidden', 'contested', 'lost', 'large']) sync.collection('tasks').put({ id, n: 1 });
    await world.settle();
    const theirs = world.backend.edit('tasks', 'contested', { n: 9 });
    const errors: Record<string, unknown> = {
      forbidden: new ForbiddenError(),
      contested: new ConflictError({ current: theirs }),
      lost: 'no idea',
      large: new TooLargeError(),
    };
    world.backend.once('batch', async (call, apply) => {
      const outcomes = (await apply()) as Outcomes;
      const idOf = new Map(requestsOf(call).map((request) => [request.idempotencyKey, request.entityId]));
      return outcomes.map((outcome) => {
        const id = idOf.get(outcome.idempotencyKey)!;
        return id in errors ? { idempotencyKey: outcome.idempotencyKey, error: errors[id] } : outcome;
      });
    });
    sync.resume();
    await world.settle();
    const status = (id: string) => sync.collection('tasks').status(id);
    expect(['done', 'forbidden', 'contested', 'lost', 'large'].map(status)).toEqual([
      'synced',
      'parked',
      'conflicted',
      'pending',
      'parked',
    ]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 1, parked: 2, conflicts: 1 });
  });

  it.each([
    ['ConflictError', new ConflictError({ current: { entity: null, version: 1 } })],
    ['RejectedError', new RejectedError({ status: 422 })],
    ['ForbiddenError', new ForbiddenError()],
  ])('S37 a %s thrown for the whole is a bad response', async (_, error) => {
    const world = makeBatchWorld();
    world.backend.once('batch', refuseWith(error));
    const { sync } = await putMany(world, 5);
    expect(sync.getSnapshot()).toMatchObject({ pending: 5, parked: 0, conflicts: 0, error: { code: 'bad-response' } });
    await world.advance(30_000);
    expect(world.backend.effects.length).toBe(5);
  });

  it.each([
    ['401', new UnauthorizedError()],
    ['429', new RateLimitedError({ retryAfterMs: 1_000 })],
    ['503', new UnavailableError({ status: 503, retryAfterMs: 1_000 })],
    ['no connection', new UnavailableError()],
  ])('S37 %s acts on the whole: the same members again under the same keys', async (_, error) => {
    const world = makeBatchWorld();
    world.backend.once('batch', refuseWith(error));
    const { sync } = await putMany(world, 5);
    expect(sync.getSnapshot()).toMatchObject({ pending: 5, parked: 0 });
    await world.advance(30_000);
    const [first, second, ...more] = batchesOf(world);
    expect(more).toEqual([]);
    expect(requestsOf(second!)).toEqual(requestsOf(first!));
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null, auth: 'authorized' });
  });

  it('S37 a lost answer is asked for again, and nothing takes effect twice', async () => {
    const world = makeBatchWorld();
    world.backend.once('batch', loseAnswer);
    const { sync } = await putMany(world, 5);
    await world.advance(30_000);
    expect(sync.getSnapshot().pending).toBe(0);
    expect(world.backend.effects.length).toBe(5);
  });

  it('413 halves the batch until it fits, identically, and the size is remembered', async () => {
    const world = makeBatchWorld();
    world.backend.always('batch', async (call, apply) => {
      if (requestsOf(call).length > 3) throw new TooLargeError();
      return apply();
    });
    const { sync } = await putMany(world, 12);
    await world.advance(1_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
    expect(sizesOf(world)).toEqual([12, 6, 3, 3, 6, 3, 3]);
    sync.pause();
    for (let n = 20; n < 26; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
    await world.settle();
    sync.resume();
    await world.advance(1_000);
    expect(sizesOf(world).slice(7)).toEqual([3, 3]);
  });

  it('413 down to a single one parks that one, and the others are sent', async () => {
    const world = makeBatchWorld();
    const isHuge = ({ entityId }: { entityId: string }) => entityId === '2';
    world.backend.always('batch', async (call, apply) => {
      if (requestsOf(call).some(isHuge)) throw new TooLargeError();
      return apply();
    });
    world.backend.always('create', async (call, apply) => {
      if (call.id === '2') throw new TooLargeError();
      return apply();
    });
    const { sync } = await putMany(world, 6);
    await world.advance(1_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1 });
    expect(sync.queue.parked()).toMatchObject([{ entityId: '2', error: { code: 'too-large' } }]);
    expect(world.backend.effects.length).toBe(5);
  });

  it('413 then 401 goes on with nothing before the token is renewed', async () => {
    const world = makeBatchWorld();
    world.backend.once('batch', refuseWith(new TooLargeError()));
    world.backend.once('batch', refuseWith(new UnauthorizedError()));
    const { sync } = await putMany(world, 4);
    expect(sizesOf(world)).toEqual([4, 2]);
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, auth: 'authorized' });
  });

  it('415 stops everything, parks nothing', async () => {
    const world = makeBatchWorld();
    world.backend.once('batch', refuseWith(new MisconfiguredError({ status: 415 })));
    const { sync } = await putMany(world, 4);
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 4, parked: 0, blockers: ['misconfigured'] });
    expect(batchesOf(world).length).toBe(1);
  });

  it.each([
    ['500', new UnavailableError({ status: 500 })],
    ['a broken answer', new Error('unexpected end of JSON input')],
  ])('G8 a member that brings every batch to %s is found out, and the others are sent', async (_, error) => {
    const world = makeBatchWorld();
    world.backend.always('batch', async (call, apply) => {
      if (requestsOf(call).some(({ entityId }) => entityId === '7')) throw error;
      return apply();
    });
    world.backend.always('create', async (call, apply) => {
      if (call.id === '7') throw error;
      return apply();
    });
    const { sync } = await putMany(world, 30);
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 1, parked: 0 });
    sync.collection('tasks').put({ id: 'later', n: 1 });
    await world.advance(120_000);
    expect(world.backend.entity('tasks', 'later')).toBeDefined();
    expect(world.backend.writes().length).toBeLessThan(150);
  });

  it('one batch never holds two requests of one entity', async () => {
    const world = makeBatchWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(100));
    for (let n = 0; n < 10; n += 1) {
      sync.collection('tasks').put({ id: 'a', n });
      sync.collection('tasks').put({ id: 'b', n });
      await world.advance(30);
    }
    await world.advance(2_000);
    for (const batch of batchesOf(world)) {
      const ids = requestsOf(batch).map(({ entityId }) => entityId);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(world.backend.entity('tasks', 'a')).toEqual({ id: 'a', n: 9 });
  });
});
