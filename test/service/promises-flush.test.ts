import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  MisconfiguredError,
  RateLimitedError,
  RejectedError,
  UnauthorizedError,
} from '../../src/index.ts';
import { loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch } from '../support/service-world.ts';

describe('flush', () => {
  it('S23 resolves at once when there is nothing to send, offline too', async () => {
    const world = makeWorld({ onLine: false });
    const sync = await world.open();
    await sync.flush();
  });

  it('S23 starts the service and waits for its data', async () => {
    const world = makeWorld();
    const sync = world.create();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
  });

  it('S23 cuts a back-off short, however long', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new RateLimitedError({ retryAfterMs: 3_600_000 })));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    expect(sync.getSnapshot().queue).toBe('backing-off');
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
    expect(sync.getSnapshot().pending).toBe(0);
  });

  it('S23 cuts the waits of single entities short', async () => {
    const world = makeWorld();
    const sync = await world.open();
    const unavailable = Object.assign(new Error('no'), { code: 'unavailable', status: 500 });
    world.backend.always('create', refuseWith(unavailable));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(600_000);
    world.backend.always('create', null);
    const sent = world.backend.writes().length;
    await sync.flush();
    expect(world.backend.writes().length).toBe(sent + 1);
  });

  it('S23 probes now', async () => {
    const world = makeWorld();
    world.backend.always('probe', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.advance(600_000);
    world.backend.always('probe', null);
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
  });

  it('S23 probes now though the platform says offline, and without a probe sends', async () => {
    for (const probe of [true, false]) {
      const world = makeWorld({ onLine: false, probe });
      const sync = await world.open();
      sync.collection('tasks').put({ id: '1', n: 1 });
      await sync.flush();
      expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
      expect(sync.isOnline()).toBe(true);
    }
  });

  it('S23 stays open offline, and resolves when everything is sent', async () => {
    const world = makeWorld({ onLine: false });
    world.backend.always('probe', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    const flushed = watch(sync.flush());
    await world.advance(60_000);
    expect(flushed().is).toBe('open');
    world.backend.always('probe', null);
    world.setOnLine(true);
    await world.advance(10_000);
    expect(flushed().is).toBe('resolved');
    expect(sync.queue.size).toBe(0);
  });

  it('S23 stays open while unauthorised, until authRenewed', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', refuseWith(new UnauthorizedError()));
    sync.collection('tasks').put({ id: '1', n: 1 });
    const flushed = watch(sync.flush());
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ auth: 'needs-auth', blockers: ['needs-auth'], queue: 'waiting' });
    expect(flushed().is).toBe('open');
    world.backend.always('write', null);
    sync.authRenewed();
    await world.settle();
    expect(flushed().is).toBe('resolved');
  });

  it('S23 resolves when only parked, blocked and undecided operations remain', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', 'contested', { title: 'a' });
    const sync = await world.open({ conflict: 'manual', collections: { tasks: {} } });
    await sync.pull();
    world.backend.always('create', async (call, apply) => {
      if (call.id === 'refused') throw new RejectedError({ status: 422 });
      return apply();
    });
    world.backend.edit('tasks', 'contested', { title: 'theirs' });
    sync.collection('tasks').patch('contested', { title: 'ours' });
    sync.collection('tasks').put({ id: 'refused', n: 1 });
    sync.collection('tasks').put({ id: 'fine', n: 1 });
    await sync.flush();
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1, conflicts: 1 });
    expect(sync.queue.size).toBe(2);
  });

  it('S23 waits for a conflict that a strategy is still deciding', async () => {
    const world = makeWorld();
    world.backend.edit('tasks', '1', { title: 'a' });
    let decide!: () => void;
    const sync = await world.open({
      collections: { tasks: {} },
      conflict: (conflict) => new Promise((resolve) => (decide = () => resolve({ entity: conflict.local }))),
    });
    await sync.pull();
    world.backend.edit('tasks', '1', { title: 'theirs' });
    sync.collection('tasks').patch('1', { title: 'ours' });
    const flushed = watch(sync.flush());
    await world.settle();
    expect(flushed().is).toBe('open');
    decide();
    await world.settle();
    expect(flushed().is).toBe('resolved');
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'ours' });
  });

  it('S23 takes a signal, before and during', async () => {
    const world = makeWorld({ onLine: false });
    world.backend.always('probe', loseRequest);
    const sync = await world.open();
    sync.collection('tasks').put({ id: '1', n: 1 });
    const abort = new AbortController();
    const flushed = watch(sync.flush({ signal: abort.signal }));
    const waited = watch(sync.whenSynced('tasks', '1', { signal: abort.signal }));
    await world.settle();
    abort.abort(new Error('enough'));
    await world.settle();
    const aborted = { is: 'rejected', error: { code: 'aborted', cause: abort.signal.reason } };
    expect([flushed(), waited()]).toMatchObject([aborted, aborted]);
    await expect(sync.flush({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    const early = world.create({ name: 'other' });
    await expect(early.flush({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(sync.queue.size).toBe(1);
  });

  it('S23 a signal ends the wait for a storage that does not answer', async () => {
    const world = makeWorld();
    world.storage.keys = () => new Promise(() => undefined);
    const abort = new AbortController();
    const sync = world.create();
    const waits = [
      watch(sync.flush({ signal: abort.signal })),
      watch(sync.whenSynced(undefined, undefined, { signal: abort.signal })),
    ];
    await world.settle();
    abort.abort();
    await world.settle();
    expect(waits.map((wait) => wait())).toMatchObject([{ error: { code: 'aborted' } }, { error: { code: 'aborted' } }]);
  });

  it('S23 lifts misconfigured and asks the backend again', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', refuseWith(new MisconfiguredError({ status: 415 })));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await sync.flush();
    expect(sync.getSnapshot()).toMatchObject({
      blockers: ['misconfigured'],
      pending: 1,
      parked: 0,
      error: { code: 'misconfigured', status: 415 },
    });
    await world.advance(600_000);
    expect(world.backend.writes().length).toBe(1);
    world.backend.always('write', null);
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
    await world.settle();
    expect(sync.getSnapshot()).toMatchObject({ blockers: [], pending: 0, error: null });
  });

  it('S23 a page that comes back lifts misconfigured too', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new MisconfiguredError({ status: 406 })));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    expect(sync.getSnapshot().blockers).toEqual(['misconfigured']);
    world.signalPage('resumed');
    await world.settle();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 1 });
    expect(sync.getSnapshot().blockers).toEqual([]);
  });

  it('S23 what is written while it waits is sent before it resolves', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', world.after(100));
    sync.collection('tasks').put({ id: '1', n: 1 });
    const flushed = watch(sync.flush());
    await world.advance(50);
    sync.collection('tasks').patch('1', { n: 2 });
    await world.advance(100);
    expect(flushed().is).toBe('open');
    await world.advance(100);
    expect(flushed().is).toBe('resolved');
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', n: 2 });
  });

  it('whenSynced waits for the entity, the collection, everything; parked ones hold it open', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.once('write', refuseWith(new ForbiddenError()));
    sync.collection('notes').put({ id: '1', n: 1 });
    await world.settle();
    world.backend.always('write', async (call, apply) => world.after(call.id === '1' ? 100 : 200)(call, apply));
    sync.collection('tasks').put({ id: '1', n: 1 });
    sync.collection('tasks').put({ id: '2', n: 1 });
    await sync.whenSynced('tasks', 'unknown');
    await sync.whenSynced('others');
    const one = watch(sync.whenSynced('tasks', '1'));
    const tasks = watch(sync.whenSynced('tasks'));
    const everything = watch(sync.whenSynced());
    await world.advance(150);
    expect([one().is, tasks().is, everything().is]).toEqual(['resolved', 'open', 'open']);
    await world.advance(100);
    expect([tasks().is, everything().is]).toEqual(['resolved', 'open']);
    await sync.queue.discard(sync.queue.parked()[0]!.id);
    await world.settle();
    expect(everything().is).toBe('resolved');
  });
});

describe('close', () => {
  it('S24 twice, and before start, resolves and touches nothing', async () => {
    const world = makeWorld();
    const sync = world.create();
    await Promise.all([sync.close(), sync.close()]);
    await sync.close();
    expect(world.backend.calls).toEqual([]);
    expect(await world.storage.keys()).toEqual([]);
    expect(world.clock.pending()).toBe(0);
  });

  it('S24 with requests in flight aborts them, leaves their promises open and the queue on disk', async () => {
    const world = makeWorld();
    const sync = await world.open();
    world.backend.always('write', neverAnswer);
    const write = sync.collection('tasks').put({ id: '1', n: 1 });
    const standings = [
      watch(write.synced),
      watch(sync.syncEntity('tasks', { id: '2', n: 1 })),
      watch(sync.flush()),
      watch(sync.whenSynced()),
    ];
    await world.settle();
    const signals = world.backend.writes().map(({ context }) => context.signal);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    await sync.close();
    await world.advance(600_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(standings.map((standing) => standing().is)).toEqual(['open', 'open', 'open', 'open']);
    expect(world.clock.pending()).toBe(0);
    world.backend.always('write', null);
    const sent = world.backend.writes().map(({ context }) => context.idempotencyKey);
    const again = await world.open();
    await again.flush();
    const repeated = world.backend.writes().slice(2);
    expect(repeated.map(({ context }) => context.idempotencyKey)).toEqual(sent);
  });

  it('S24 waits for the storage: what was written before it is there afterwards', async () => {
    const world = makeWorld({ onLine: false });
    const { setItem } = world.storage;
    world.storage.setItem = async (key, value) => {
      await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 500));
      return setItem.call(world.storage, key, value) as Promise<typeof value>;
    };
    const sync = await world.open();
    const write = sync.collection('tasks').put({ id: '1', n: 1 });
    const closed = watch(sync.close());
    await world.settle();
    expect(closed().is).toBe('open');
    await world.advance(5_000);
    expect(closed().is).toBe('resolved');
    await write.durable;
    world.storage.setItem = setItem;
    expect((await world.open()).collection('tasks').get('1')).toMatchObject({ n: 1 });
  });

  it('S24 during hydrating ends it: nothing is sent, no timer stays', async () => {
    const world = makeWorld();
    const sync = world.create();
    const ready = watch(sync.ready);
    sync.collection('tasks').put({ id: '1', n: 1 });
    await sync.close();
    await world.settle();
    expect(world.backend.writes()).toEqual([]);
    expect(world.clock.pending()).toBe(0);
    expect(ready().is).not.toBe('rejected');
    expect(() => sync.collection('tasks').put({ id: '2', n: 1 })).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it('S24 an answer that comes after it changes nothing and throws nothing', async () => {
    const world = makeWorld();
    const sync = await world.open();
    let answer!: (value: unknown) => void;
    world.backend.once('write', () => new Promise((resolve) => (answer = resolve)));
    sync.collection('tasks').put({ id: '1', n: 1 });
    await world.settle();
    await sync.close();
    answer({ entity: { id: '1', n: 1, updatedAt: '2026-01-01T00:00:00.000Z', version: 1 }, version: 1 });
    await world.settle();
    expect(sync.queue.size).toBe(1);
  });

  it('S24 after it every method has a defined result', async () => {
    for (const isStarted of [true, false]) {
      const world = makeWorld();
      const sync = isStarted ? await world.open() : world.create();
      if (isStarted) await sync.syncEntity('tasks', { id: '1', n: 1 });
      const tasks = sync.collection('tasks');
      await sync.close();
      const closed = expect.objectContaining({ code: 'closed' });
      const throwing: Record<string, () => unknown> = {
        put: () => tasks.put({ id: '1', n: 2 }),
        patch: () => tasks.patch('1', { n: 2 }),
        delete: () => tasks.delete('1'),
        receive: () => tasks.receive([]),
        batch: () => sync.batch(() => undefined),
        start: () => sync.start(),
        pause: () => sync.pause(),
        resume: () => sync.resume(),
        authRenewed: () => sync.authRenewed(),
        enableRealTime: () => sync.enableRealTime(),
        connect: () => sync.realTime.connect(),
        subscribe: () => sync.realTime.subscribe('tasks', () => undefined),
      };
      for (const [name, call] of Object.entries(throwing)) expect(call, name).toThrow(closed);
      const rejecting: Record<string, () => Promise<unknown>> = {
        syncEntity: () => sync.syncEntity('tasks', { id: '1', n: 2 }),
        deleteEntity: () => sync.deleteEntity('tasks', '1'),
        load: () => tasks.load('1'),
        pull: () => sync.pull(),
        pullCollection: () => tasks.pull(),
        flush: () => sync.flush(),
        whenSynced: () => sync.whenSynced(),
        signOut: () => sync.signOut(),
        retry: () => sync.queue.retry('x'),
        edit: () => sync.queue.edit('x', { id: '1' }),
        discard: () => sync.queue.discard('x'),
        resolve: () => sync.conflicts.resolve('x', 'local'),
      };
      for (const [name, call] of Object.entries(rejecting)) await expect(call(), name).rejects.toEqual(closed);
      if (isStarted) {
        await sync.ready;
        expect(await sync.queue.export()).toBe('[]');
      } else {
        await expect(sync.ready).rejects.toEqual(closed);
        await expect(sync.queue.export()).rejects.toEqual(closed);
      }
      sync.disableRealTime();
      sync.realTime.disconnect();
      sync.subscribe(() => undefined)();
      sync.state$.subscribe(() => undefined).unsubscribe();
      sync.events$.subscribe(() => undefined).unsubscribe();
      expect(tasks.get('1')?.id).toBe(isStarted ? '1' : undefined);
      expect(tasks.list().length).toBe(isStarted ? 1 : 0);
      expect(sync.getSnapshot()).toBe(sync.getSnapshot());
      expect([sync.queue.size, sync.queue.list(), sync.conflicts.list()]).toEqual([0, [], []]);
      await sync.close();
      await world.advance(600_000);
      expect(world.clock.pending()).toBe(0);
    }
  });

  it('S24 await using closes', async () => {
    const world = makeWorld();
    {
      await using sync = await world.open();
      await sync.syncEntity('tasks', { id: '1', n: 1 });
    }
    expect(world.clock.pending()).toBe(0);
  });
});
