import { config, from, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { SyncEvent, SyncState } from '../../src/index.ts';
import { answerWith, loseAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { RateLimitedError, RejectedError } from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

describe('the state of a service', () => {
  let world: ServiceWorld;
  beforeEach(() => {
    world = createServiceWorld();
  });
  afterEach(() => world.closeAll());

  it('getSnapshot gives the same object until something changes', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    const before = sync.getSnapshot();
    expect(sync.getSnapshot()).toBe(before);
    sync.collection('tasks').get('1');
    sync.collection('tasks').list();
    expect(sync.getSnapshot()).toBe(before);
    sync.collection('tasks').put({ id: '1', title: 'a' });
    const after = sync.getSnapshot();
    expect(after).not.toBe(before);
    expect(after.pending).toBe(1);
    expect(sync.getSnapshot()).toBe(after);
  });

  it('the whole state of a service at rest', async () => {
    const sync = await world.open();
    await sync.collection('tasks').put({ id: '1', title: 'a' }).synced;
    await world.settle();
    expect(sync.getSnapshot()).toEqual({
      connectivity: 'online',
      auth: 'authorized',
      queue: 'idle',
      blockers: [],
      realTime: 'off',
      role: 'leader',
      pending: 0,
      parked: 0,
      conflicts: 0,
      stalled: false,
      durable: false,
      progress: null,
      lastSyncedAt: new Date(world.clock.now()).toISOString(),
      nextRetryAt: null,
      error: null,
    } satisfies SyncState);
  });

  it('subscribe tells at most once per tick, with the newest state, and not after its end', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    sync.pause();
    await world.settle();
    const told: number[] = [];
    const end = sync.subscribe(({ pending }) => told.push(pending));
    for (let id = 1; id <= 50; id += 1) sync.collection('tasks').put({ id: `${id}`, title: 'a' });
    expect(told).toEqual([]);
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toEqual([50]);
    end();
    sync.collection('tasks').put({ id: '51', title: 'a' });
    await world.settle();
    expect(told).toEqual([50]);
  });

  it('a listener that is registered twice is told twice, and ends once for each', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    let calls = 0;
    const listener = () => (calls += 1);
    const ends = [sync.subscribe(listener), sync.subscribe(listener)];
    sync.pause();
    await world.settle();
    expect(calls).toBe(2);
    ends[0]?.();
    ends[0]?.();
    sync.resume();
    await world.settle();
    expect(calls).toBeGreaterThan(2);
    ends[1]?.();
  });

  it('state$ and from(sync) begin with the current state and repeat none', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    const states: SyncState[] = [];
    const more: SyncState[] = [];
    sync.state$.subscribe((state) => states.push(state));
    from(sync).subscribe((state) => more.push(state));
    expect(states).toEqual([sync.getSnapshot()]);
    sync.pause();
    await world.settle();
    expect(states.map(({ queue }) => queue)).toEqual(['idle', 'paused']);
    expect(more).toEqual(states);
    expect(states[1]).toBe(sync.getSnapshot());
    expect(await firstValueFrom(from(sync))).toBe(sync.getSnapshot());
  });

  it('tells of an operation that no backend took as superseded, and takes that for no synchronisation', async () => {
    world.backend.edit('tasks', '1', { title: 'base' });
    const sync = await world.open({ conflict: 'server-wins' });
    const tasks = sync.collection('tasks');
    await tasks.load('1');
    sync.pause();
    const events: [SyncEvent['type'], string][] = [];
    sync.events$.subscribe((event) => {
      if ('operation' in event) events.push([event.type, event.operation.entityId]);
    });
    await tasks.put({ id: 'brief', title: 'a' }).durable;
    const gone = tasks.delete('brief');
    const lost = tasks.patch('1', { title: 'mine' });
    world.backend.edit('tasks', '1', { title: 'theirs' });
    const before = sync.getSnapshot().lastSyncedAt;
    await world.advance(1_000);
    sync.resume();
    await world.runUntil(() => sync.queue.size === 0);
    await world.settle();
    expect({ events, entities: await Promise.all([gone.synced, lost.synced]) }).toMatchObject({
      events: [
        ['operation.superseded', 'brief'],
        ['operation.superseded', 'brief'],
        ['operation.superseded', '1'],
      ],
      entities: [null, { title: 'theirs' }],
    });
    expect([before, sync.getSnapshot().lastSyncedAt]).toEqual([before, before]);
    await tasks.put({ id: 'kept' }).synced;
    expect(events.slice(3)).toEqual([['operation.acknowledged', 'kept']]);
    expect(sync.getSnapshot().lastSyncedAt).not.toBe(before);
  });

  it('S24 await using closes, close is idempotent, and what is asked afterwards says closed', async () => {
    let kept;
    {
      await using sync = await world.open();
      kept = sync;
      sync.collection('tasks').put({ id: '1', title: 'a' });
    }
    await Promise.all([kept.close(), kept.close()]);
    const closed = kept;
    const codes = [
      () => closed.collection('tasks').put({ id: '2' }),
      () => closed.batch(() => undefined),
      () => closed.enableRealTime(),
      () => closed.realTime.subscribe('tasks', () => undefined),
    ].map((call) => {
      try {
        call();
        return 'fine';
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(codes).toEqual(['closed', 'closed', 'closed', 'closed']);
    await expect(kept.syncEntity('tasks', { id: '2' })).rejects.toMatchObject({ code: 'closed' });
    await expect(kept.pull()).rejects.toMatchObject({ code: 'closed' });
    await expect(kept.flush()).rejects.toMatchObject({ code: 'closed' });
    expect(kept.collection('tasks').get('1')).toMatchObject({ title: 'a' });
    expect(world.clock.pending()).toBe(0);
  });

  it('S24 a service that closes shows what was known last, and that nothing goes on', async () => {
    const sync = await world.open();
    world.backend.always('write', refuseWith(new RateLimitedError({ retryAfterMs: 60_000 })));
    sync.enableRealTime();
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.settle();
    const before = sync.getSnapshot();
    const told: SyncState[] = [];
    sync.subscribe((state) => told.push(state));
    await sync.close();
    expect(before).toMatchObject({ queue: 'backing-off', connectivity: 'online', realTime: 'polling', pending: 1 });
    const after: SyncState = { ...before, queue: 'waiting', realTime: 'off', nextRetryAt: null };
    expect(sync.getSnapshot()).toEqual(after);
    for (const state of told) expect(state).toEqual(after);
  });

  it('streams end when the service closes', async () => {
    const sync = await world.open();
    const ended: string[] = [];
    const tasks = sync.collection('tasks');
    const streams = {
      state$: sync.state$,
      events$: sync.events$,
      operations$: sync.queue.operations$,
      records$: sync.conflicts.records$,
      realTime$: sync.realTime.state$,
      all$: tasks.all$(),
      entity$: tasks.entity$('1'),
      status$: tasks.status$('1'),
      changes$: tasks.changes$,
      result$: tasks.query().result$,
    };
    for (const [name, stream$] of Object.entries(streams)) {
      (stream$ as typeof sync.state$).subscribe({ complete: () => ended.push(name) });
    }
    await sync.close();
    expect(ended.toSorted()).toEqual(Object.keys(streams).toSorted());
  });

  it('inspect passes the inspection events of XState, of every actor', async () => {
    const events: InspectionEvent[] = [];
    const sync = await world.open({ inspect: (event) => events.push(event) });
    await world.advance(5_000);
    const actors = new Set(
      events.filter(({ type }) => type === '@xstate.actor').map(({ actorRef }) => (actorRef as AnyActorRef).id),
    );
    for (const id of ['connectivity', 'auth', 'leadership', 'queue', 'feed', 'realTime', 'entities'])
      expect([...actors]).toContain(id);
    expect(new Set(events.map(({ rootId }) => rootId)).size).toBe(1);
    expect(events.some(({ type }) => type === '@xstate.event')).toBe(true);
    expect(events.some(({ type }) => type === '@xstate.snapshot')).toBe(true);
    expect(events[0]?.rootId).toBe(sync.actor.sessionId);
  });

  it('G16 nothing that the app wrote passes through inspection', async () => {
    const events: InspectionEvent[] = [];
    const sync = await world.open({ inspect: (event) => events.push(event) });
    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    world.backend.once('write', loseAnswer);
    sync.collection('tasks').put({ id: '1', title: 'canary-7f3a' });
    sync.collection('tasks').put({ id: '2', title: 'canary-7f3a' });
    await world.advance(60_000);
    expect(events.length).toBeGreaterThan(10);
    const texts = events.map((event) =>
      JSON.stringify({
        ...('event' in event ? { event: event.event } : {}),
        ...('snapshot' in event ? { snapshot: event.snapshot } : {}),
      }),
    );
    expect(texts.filter((text) => text.includes('canary-7f3a'))).toEqual([]);
  });

  it('events$ tells moments: acknowledged, parked, discarded, conflicts, resets', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    const events: SyncEvent[] = [];
    sync.events$.subscribe((event) => events.push(event));
    const tasks = sync.collection('tasks');
    const told = () =>
      events.splice(0).map((event) => ({
        type: event.type,
        about: 'operation' in event ? event.operation.entityId : 'conflict' in event ? event.conflict.entityId : null,
      }));

    await tasks.put({ id: '1', title: 'a' }).synced;
    expect(told()).toEqual([{ type: 'operation.acknowledged', about: '1' }]);

    world.backend.once('write', refuseWith(new RejectedError({ status: 422 })));
    const refused = tasks.put({ id: '2', title: 'a' });
    await expect(refused.synced).rejects.toMatchObject({
      code: 'parked',
      status: 422,
      operationId: refused.operationId,
    });
    await world.settle();
    expect(told()).toEqual([{ type: 'operation.parked', about: '2' }]);

    await sync.queue.discard(refused.operationId as string);
    expect(told()).toEqual([{ type: 'operation.discarded', about: '2' }]);

    world.backend.edit('tasks', '1', { title: 'theirs' });
    tasks.patch('1', { title: 'mine' });
    await sync.flush();
    await world.settle();
    expect(told()).toEqual([
      { type: 'conflict.detected', about: '1' },
      { type: 'conflict.resolved', about: '1' },
      { type: 'operation.acknowledged', about: '1' },
    ]);
  });

  it('a throwing listener of events$ or of the state harms nobody else', async () => {
    const sync = await world.open();
    await world.advance(5_000);
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const end = sync.subscribe(() => {
        throw new Error('thrown by a listener');
      });
      let told = 0;
      sync.subscribe(() => (told += 1));
      const tasks = sync.collection('tasks');
      tasks.entity$('1').subscribe((entity) => {
        if (entity) throw new Error('thrown by an observer');
      });
      await tasks.put({ id: '1', title: 'a' }).synced;
      await world.settle();
      end();
      await new Promise((resolve) => setTimeout(resolve));
      expect(told).toBeGreaterThan(0);
      expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'a' });
      expect(new Set(reported.map((error) => (error as Error).message))).toEqual(
        new Set(['thrown by a listener', 'thrown by an observer']),
      );
    } finally {
      config.onUnhandledError = null;
    }
  });

  it('S26 isOnline follows answers of the backend, not the word of the platform', async () => {
    world.backend.always('probe', answerWith(new Promise(() => undefined)));
    const sync = await world.open();
    await world.advance(2_000);
    expect({ online: sync.isOnline(), connectivity: sync.getSnapshot().connectivity }).toEqual({
      online: false,
      connectivity: 'connecting',
    });
  });
});
