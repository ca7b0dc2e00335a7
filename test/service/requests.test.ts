import { describe, expect, it } from 'vitest';
import { ConflictError, ForbiddenError, RateLimitedError, RejectedError, UnauthorizedError } from '../../src/index.ts';
import { loseAnswer, loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { BackendCall } from '../../src/testing/backend/planned-api-client.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch } from '../support/service-world.ts';

/** What a write says, its attempt and time apart. */
function contentOf({ method, collection, id, content, context }: BackendCall): unknown {
  return { method, collection, id, content, key: context.idempotencyKey };
}

describe('sealed requests', () => {
  it.each([
    ['a lost answer', loseAnswer],
    ['a lost request', loseRequest],
    ['401', refuseWith(new UnauthorizedError())],
    ['429', refuseWith(new RateLimitedError({ retryAfterMs: 5_000 }))],
    ['503', refuseWith(Object.assign(new Error('no'), { code: 'unavailable', status: 503 }))],
    ['a timeout', neverAnswer],
  ])('S1 goes again identically after %s, and takes effect once', async (_, answer) => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', answer);
    const write = sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(120_000);
    const [first, second, ...rest] = world.backend.writes();
    expect(rest).toEqual([]);
    expect(contentOf(second!)).toEqual(contentOf(first!));
    expect([first!.context.attempt, second!.context.attempt]).toEqual([1, 2]);
    expect(world.backend.effects).toEqual([first!.context.idempotencyKey]);
    expect(await write.synced).toMatchObject({ title: 'a', version: 1 });
  });

  it('S1 goes again identically after a restart, whatever was written since', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', loseAnswer);
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.settle();
    sync.collection('tasks').patch('1', { title: 'b' });
    await world.settle();
    const [first] = world.backend.writes();
    await sync.close();
    world.backend.always('write', null);
    const again = await world.open();
    await again.flush();
    const [, second, third] = world.backend.writes().slice(-3);
    const later = world.backend.writes().slice(-2);
    expect(contentOf(later[0]!)).toEqual(contentOf(first!));
    expect(later[1]).toMatchObject({ method: 'update', content: { baseVersion: 1 } });
    expect(later[1]!.context.idempotencyKey).not.toBe(first!.context.idempotencyKey);
    expect(world.backend.effects.length).toBe(2);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'b' });
    expect([second, third].length).toBe(2);
  });

  it('S1 an operation keeps its id, and carries the key of the request once it is sealed', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', loseRequest);
    const { operationId } = sync.collection('tasks').put({ id: '1', title: 'a' });
    expect(sync.queue.get(operationId!)).toMatchObject({ id: operationId, status: 'pending', attempts: 0 });
    expect(sync.queue.get(operationId!)?.idempotencyKey).toBeUndefined();
    await world.settle();
    const key = world.backend.writes()[0]!.context.idempotencyKey;
    expect(key).not.toBe(operationId);
    expect(sync.queue.list()).toMatchObject([{ id: operationId, idempotencyKey: key, status: 'unknown', attempts: 1 }]);
  });

  it('S1 nothing is sent before its seal is durable', async () => {
    const world = makeWorld();
    const sync = await world.open();
    const { setItem } = world.storage;
    const held: (() => void)[] = [];
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.settle();
    const before = world.backend.writes().length;
    world.storage.setItem = async (key, value) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return setItem.call(world.storage, key, value) as Promise<typeof value>;
    };
    const write = sync.collection('tasks').put({ id: '2', title: 'b' });
    await world.settle();
    expect(held.length).toBe(1);
    held.shift()!();
    await write.durable;
    await world.settle();
    expect(world.backend.writes().length).toBe(before);
    while (held.length > 0) {
      held.shift()!();
      await world.settle();
    }
    expect(world.backend.writes().length).toBe(before + 1);
    world.storage.setItem = setItem;
  });

  it('S3 changed content after a refusal travels under a new key, and the refused request never again', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    const write = sync.collection('tasks').put({ id: '1', title: 'bad' });
    await world.settle();
    await sync.queue.edit(write.operationId!, { id: '1', title: 'good' });
    await sync.flush();
    const [first, second] = world.backend.writes();
    expect(world.backend.writes().length).toBe(2);
    expect(second!.context.idempotencyKey).not.toBe(first!.context.idempotencyKey);
    expect(second!.context.attempt).toBe(1);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'good' });
  });

  it('S3 what a conflict is resolved to travels under a new key, and the refused request never again', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open({ conflict: 'client-wins' });
    await sync.collection('tasks').put({ id: '1', n: 1 }).synced;
    world.backend.edit('tasks', '1', { n: 5 });
    sync.collection('tasks').put({ id: '1', n: 2 });
    await sync.flush();
    const [, refused, resolved, ...more] = world.backend.writes().map(({ context }) => context);
    expect(more).toEqual([]);
    expect(resolved!.idempotencyKey).not.toBe(refused!.idempotencyKey);
    expect([refused!.attempt, resolved!.attempt]).toEqual([1, 1]);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 2 });
  });

  it('S3 a retry after a refusal is a new request too', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new ForbiddenError()));
    const write = sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.settle();
    await sync.queue.retry(write.operationId!);
    await sync.flush();
    expect(new Set(world.backend.writes().map(({ context }) => context.idempotencyKey)).size).toBe(2);
    expect(sync.queue.size).toBe(0);
  });

  it('S5 a conflict with our own result after a lost answer is the acknowledgement', async () => {
    const world = makeWorld({ changes: false });
    world.backend.edit('tasks', '1', { title: 'a', count: 1 });
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.collection('tasks').load('1');
    world.backend.once('write', async (call, apply) => {
      await apply();
      throw new Error('hang up');
    });
    world.backend.once('write', async () => {
      throw new ConflictError({ current: world.backend.record('tasks', '1')! });
    });
    const write = sync.collection('tasks').patch('1', { title: 'b' });
    await world.advance(10_000);
    expect(await write.synced).toMatchObject({ title: 'b', version: 2 });
    expect(sync.conflicts.list()).toEqual([]);
    expect(world.backend.effects.length).toBe(1);
  });

  it('S5 without an earlier attempt in doubt, an equal state is a conflict with a record', async () => {
    const world = makeWorld();
    const sync = await world.open({ collections: { tasks: {} } });
    world.backend.edit('tasks', '1', { title: 'b' });
    sync.collection('tasks').put({ id: '1', title: 'b' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([{ status: 'resolved', paths: [] }]);
    expect(sync.queue.size).toBe(0);
  });
});

describe('folding', () => {
  it('S2 create and updates become one create', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    const writes = [
      tasks.put({ id: '1', title: 'a' }),
      tasks.patch('1', { title: 'b' }),
      tasks.patch('1', { done: true }),
    ];
    expect(sync.queue.list().map(({ type }) => type)).toEqual(['create', 'update', 'update']);
    await world.settle();
    world.setOnLine(true);
    await world.advance(5_000);
    expect(world.backend.writes()).toMatchObject([
      { method: 'create', content: { entity: { id: '1', title: 'b', done: true } } },
    ]);
    const settled = await Promise.all(writes.map(({ synced }) => synced));
    expect(settled).toMatchObject([{ version: 1 }, { version: 1 }, { version: 1 }]);
    expect(new Set(settled).size).toBe(1);
  });

  it('S2 updates become one update that holds the difference only', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a', done: false, tags: ['x'] });
    const sync = await world.open({ collections: { tasks: {} } });
    sync.pause();
    sync.collection('tasks').patch('1', { title: 'b', done: true });
    sync.collection('tasks').patch('1', { title: 'c', done: false });
    await world.settle();
    sync.resume();
    await sync.flush();
    expect(world.backend.writes()).toMatchObject([
      { method: 'update', content: { baseVersion: 1, patch: [{ op: 'replace', path: '/title', value: 'c' }] } },
    ]);
  });

  it('S2 update and delete become one delete', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    const sync = await world.open({ collections: { tasks: {} } });
    sync.pause();
    const first = sync.collection('tasks').patch('1', { title: 'b' });
    const second = sync.collection('tasks').delete('1');
    await world.settle();
    sync.resume();
    await sync.flush();
    expect(world.backend.writes()).toMatchObject([{ method: 'delete', content: { baseVersion: 1 } }]);
    expect(await Promise.all([first.synced, second.synced])).toEqual([null, null]);
  });

  it('S2 S22 create and delete that were never sent send nothing and resolve with null', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    const created = sync.collection('tasks').put({ id: '1', title: 'a' });
    const deleted = sync.collection('tasks').delete('1');
    await world.settle();
    world.setOnLine(true);
    await world.advance(5_000);
    expect(await Promise.all([created.synced, deleted.synced])).toEqual([null, null]);
    expect(world.backend.writes()).toEqual([]);
    expect(sync.queue.size).toBe(0);
  });

  it('S2 changes that take each other back send nothing and resolve with what the backend has', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    const sync = await world.open({ collections: { tasks: {} } });
    sync.pause();
    const there = sync.collection('tasks').patch('1', { title: 'b' });
    const back = sync.collection('tasks').patch('1', { title: 'a' });
    await world.settle();
    sync.resume();
    await sync.flush();
    expect(world.backend.writes()).toEqual([]);
    expect(await there.synced).toMatchObject({ title: 'a', version: 1 });
    expect(await back.synced).toMatchObject({ title: 'a', version: 1 });
  });

  it('S2 a create that was sealed is never annihilated: its delete follows it', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', loseAnswer);
    const created = sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.settle();
    const deleted = sync.collection('tasks').delete('1');
    await world.advance(10_000);
    expect(world.backend.writes().map(({ method }) => method)).toEqual(['create', 'create', 'delete']);
    expect(await created.synced).toMatchObject({ title: 'a' });
    expect(await deleted.synced).toBe(null);
    expect(world.backend.entity('tasks', '1')).toBeUndefined();
  });

  it('S2 one request per entity is in flight; what is written meanwhile waits and is folded', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(1_000));
    sync.collection('tasks').put({ id: '1', n: 0 });
    await world.settle();
    for (let n = 1; n <= 5; n += 1) sync.collection('tasks').patch('1', { n });
    await world.settle();
    expect(world.backend.writes().length).toBe(1);
    await world.advance(1_000);
    expect(world.backend.writes()).toMatchObject([
      { method: 'create', content: { entity: { n: 0 } } },
      { method: 'update', content: { baseVersion: 1, patch: [{ op: 'replace', path: '/n', value: 5 }] } },
    ]);
    await world.advance(1_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 5 });
    expect(sync.queue.size).toBe(0);
  });

  it('S2 delete and create over it become one update', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    const sync = await world.open({ collections: { tasks: {} } });
    sync.pause();
    sync.collection('tasks').delete('1');
    sync.collection('tasks').put({ id: '1', title: 'b' });
    await world.settle();
    sync.resume();
    await sync.flush();
    expect(world.backend.writes()).toMatchObject([{ method: 'update' }]);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'b' });
  });
});

describe('order', () => {
  it('S6 operations carry sequence numbers and stamps that grow, from one client', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    for (let n = 0; n < 5; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
    const operations = sync.queue.list();
    expect(operations.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(operations.map(({ clientId }) => clientId)).size).toBe(1);
    const stamps = operations.map(({ timestamp }) => timestamp);
    expect([...stamps].sort()).toEqual(stamps);
    expect(new Set(stamps).size).toBe(5);
  });

  it('S6 a decision is stamped after the remote state it is about, on a device whose clock is slow', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open({ conflict: 'manual' });
    const tasks = sync.collection('tasks');
    await tasks.put({ id: '1', n: 1 }).synced;
    const updatedAt = new Date(world.clock.now() + 120_000).toISOString();
    const current = { entity: { id: '1', n: 9, updatedAt }, version: 9, updatedAt };
    world.backend.once('update', refuseWith(new ConflictError({ current })));
    tasks.patch('1', { n: 2 });
    await world.settle();
    const [conflict] = sync.conflicts.list();
    sync.pause();
    await sync.conflicts.resolve(conflict!.id, { id: '1', n: 3 });
    const stamps = sync.queue.list().map(({ timestamp }) => timestamp);
    expect([updatedAt, stamps]).toEqual(['2026-01-01T00:02:00.000Z', ['2026-01-01T00:02:00.0000001Z']]);
  });

  it('S6 every service is a client of its own, and what it writes comes after what it found', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    await sync.close();
    const again = await world.open();
    again.collection('tasks').put({ id: '0', n: 2 });
    expect(again.queue.list().map(({ entityId, sequence }) => [entityId, sequence])).toEqual([
      ['1', 1],
      ['0', 1],
    ]);
    expect(new Set(again.queue.list().map(({ clientId }) => clientId)).size).toBe(2);
  });

  it('S7 requests start in the order of their first operations, several at once', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open({ concurrency: 3 });
    const ids = ['e', 'b', 'd', 'a', 'c'];
    for (const id of ids) sync.collection('tasks').put({ id, n: 1 });
    sync.collection('tasks').patch('c', { n: 2 });
    sync.collection('tasks').patch('e', { n: 2 });
    await world.settle();
    world.backend.always('write', world.after(500));
    world.setOnLine(true);
    await world.runUntil(() => world.backend.writes().length > 0);
    expect(world.backend.writes().map(({ id }) => id)).toEqual(['e', 'b', 'd']);
    await world.advance(2_000);
    expect(world.backend.writes().map(({ id }) => id)).toEqual(ids);
  });

  it('S7 G8 a refused request holds its entity only', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('create', async (call, apply) => {
      if (call.id === 'bad') throw new RejectedError({ status: 422 });
      return apply();
    });
    const bad = sync.collection('tasks').put({ id: 'bad', n: 1 });
    for (let n = 0; n < 20; n += 1) sync.collection('tasks').put({ id: `${n}`, n });
    await sync.flush();
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1 });
    expect(world.backend.effects.length).toBe(20);
    expect(watch(bad.durable)().is).toBe('open');
    await expect(bad.synced).rejects.toMatchObject({ code: 'parked', status: 422, entityId: 'bad' });
  });

  it('S7 global: one request in flight, in issue order', async () => {
    const world = makeWorld({ onLine: false, batch: true });
    const sync = await world.open({ order: 'global' });
    for (const id of ['c', 'a', 'b']) sync.collection('tasks').put({ id, n: 1 });
    await world.settle();
    let inFlight = 0;
    let most = 0;
    world.backend.always('write', async (call, apply) => {
      most = Math.max(most, (inFlight += 1));
      const answer = await world.after(100)(call, apply);
      inFlight -= 1;
      return answer;
    });
    world.setOnLine(true);
    await world.advance(5_000);
    expect(world.backend.writes().map(({ method, id }) => [method, id])).toEqual([
      ['create', 'c'],
      ['create', 'a'],
      ['create', 'b'],
    ]);
    expect(most).toBe(1);
  });

  it('S7 global: a refused request stops everything behind it, says so, and goes on after the decision', async () => {
    const world = makeWorld();
    const sync = await world.open({ order: 'global' });
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    const bad = sync.collection('tasks').put({ id: 'bad', n: 1 });
    sync.collection('tasks').put({ id: 'good', n: 1 });
    await world.advance(60_000);
    expect(world.backend.writes().map(({ id }) => id)).toEqual(['bad']);
    expect(sync.getSnapshot().parked).toBeGreaterThan(0);
    await sync.flush();
    await sync.queue.discard(bad.operationId!);
    await sync.flush();
    expect(world.backend.writes().map(({ id }) => id)).toEqual(['bad', 'good']);
  });

  it('S7 S25 global: what waits behind a refusal or an undecided conflict is parked, says so, and stalls nobody', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open({ order: 'global', conflict: 'manual' });
    const tasks = sync.collection('tasks');
    await tasks.put({ id: 'first', n: 1 }).synced;
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    const bad = tasks.put({ id: 'bad', n: 1 });
    await world.settle();
    const behind = await sync.syncEntity('tasks', { id: 'behind', n: 1 });
    await world.advance(600_000);
    const { pending, parked, conflicts, stalled } = sync.getSnapshot();
    expect({ behind, status: tasks.status('behind'), pending, parked, conflicts, stalled }).toMatchObject({
      behind: { id: 'behind', n: 1 },
      status: 'parked',
      pending: 0,
      parked: 2,
      conflicts: 0,
      stalled: false,
    });
    await sync.queue.discard(bad.operationId!);
    await sync.whenSynced();
    expect(tasks.status('behind')).toBe('synced');

    world.backend.edit('tasks', 'contested', { n: 9 });
    tasks.put({ id: 'contested', n: 1 });
    await world.advance(1_000);
    await sync.syncEntity('tasks', { id: 'third', n: 1 });
    await sync.flush();
    expect([tasks.status('contested'), tasks.status('third')]).toEqual(['conflicted', 'parked']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1, conflicts: 1, stalled: false });
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'remote');
    await sync.whenSynced();
    expect(tasks.status('third')).toBe('synced');
  });

  it('S7 global: an unanswered request goes again before anything behind it', async () => {
    const world = makeWorld();
    const sync = await world.open({ order: 'global' });
    world.backend.once('write', loseRequest);
    sync.collection('tasks').put({ id: '1', n: 1 });
    sync.collection('tasks').put({ id: '2', n: 1 });
    await world.advance(10_000);
    expect(world.backend.writes().map(({ id }) => id)).toEqual(['1', '1', '2']);
  });

  it('S7 G5 global: what waits behind goes on by itself after a discard and after a decision', async () => {
    const world = makeWorld({ changes: false });
    const sync = await world.open({ order: 'global', conflict: 'manual' });
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    const bad = sync.collection('tasks').put({ id: 'bad', n: 1 });
    sync.collection('tasks').put({ id: 'second', n: 1 });
    await world.settle();
    await sync.queue.discard(bad.operationId!);
    await world.advance(1_000);
    expect(world.backend.entity('tasks', 'second')).toBeDefined();
    world.backend.edit('tasks', 'contested', { n: 9 });
    sync.collection('tasks').put({ id: 'contested', n: 1 });
    sync.collection('tasks').put({ id: 'third', n: 1 });
    await world.advance(1_000);
    expect(world.backend.entity('tasks', 'third')).toBeUndefined();
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'remote');
    await world.advance(1_000);
    expect(world.backend.entity('tasks', 'third')).toBeDefined();
    expect(sync.queue.size).toBe(0);
  });
});
