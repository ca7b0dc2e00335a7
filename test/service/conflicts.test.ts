import { afterEach, describe, expect, it } from 'vitest';
import { ConflictError, type Conflict, type ConflictRecord, type Resolution, type SyncEvent } from '../../src/index.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { codeOf, createServiceWorld, watch } from '../support/service-world.ts';
import { comeApart, fieldsOf, type ConflictWorld, type Fields, type Route } from './conflict-world.ts';

const routes: Route[] = ['refusal', 'pull'];
const sides = { base: { a: 1, b: 1 }, local: { a: 2, b: 1 }, remote: { a: 3, b: 1 } };
const open: ConflictWorld['world'][] = [];

async function apart(...given: Parameters<typeof comeApart>): Promise<ConflictWorld> {
  const made = await comeApart(...given);
  open.push(made.world);
  return made;
}

const backendFields = ({ world }: ConflictWorld) => fieldsOf(world.backend.record('tasks', '1')?.entity);

afterEach(async () => {
  await Promise.all(open.splice(0).map((world) => world.closeAll()));
});

describe('a resolver of the app', () => {
  it('S16 is given the whole conflict, and its entity goes out as one operation', async () => {
    const given: Conflict[] = [];
    const conflict = (told: Conflict): Resolution => {
      given.push(told);
      return { entity: { ...told.remote!, a: 23 } as never };
    };
    const made = await apart(sides, 'refusal', { conflict });
    expect(given).toMatchObject([
      { collection: 'tasks', entityId: '1', base: { a: 1 }, local: { a: 2 }, remote: { a: 3 }, paths: ['/a'] },
    ]);
    expect(backendFields(made)).toEqual({ a: 23, b: 1 });
    expect(made.record()).toMatchObject({ strategy: 'custom', status: 'resolved', resolved: { a: 23 } });
    expect(made.world.backend.writes().length).toBe(2);
  });

  it('S16 may delete, may keep the remote side without sending, and may take its time', async () => {
    const deleted = await apart(sides, 'refusal', { conflict: () => ({ entity: null }) });
    expect(backendFields(deleted)).toBe(null);
    expect(deleted.record()).toMatchObject({ status: 'resolved', resolved: null });

    const kept = await apart(sides, 'pull', { conflict: async ({ remote }) => ({ entity: remote }) });
    expect(kept.world.backend.writes()).toEqual([]);
    expect(fieldsOf(kept.sync.collection('tasks').get('1'))).toEqual(sides.remote);
    expect(kept.sync.queue.size).toBe(0);
  });

  const nonsense: readonly [name: string, conflict: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns a text', () => 'local'],
    ['returns no entity', () => ({})],
    ['returns an entity without id', () => ({ entity: { a: 1 } })],
    ['returns an entity of another id', () => ({ entity: { id: '2', a: 1 } })],
    ['returns what is no JSON', () => ({ entity: { id: '1', at: new Date(0) } })],
    ['returns a list', () => ({ entity: [] })],
    ["says 'manual'", () => 'manual'],
    ['never settles', () => new Promise(() => undefined)],
  ];

  it.each(nonsense)('S16 that %s means manual', async (_, conflict) => {
    const made = await apart(sides, 'refusal', { conflict: conflict as never });
    expect(made.record()).toMatchObject({ status: 'open', strategy: 'custom' });
    expect(made.sync.getSnapshot()).toMatchObject({ conflicts: 1, pending: 0 });
    expect(fieldsOf(made.sync.collection('tasks').get('1'))).toEqual(sides.local);
    expect(backendFields(made)).toEqual(sides.remote);
    const flushed = watch(made.sync.flush());
    await made.world.settle();
    expect(flushed().is).toBe('resolved');
    await made.sync.conflicts.resolve(made.record()!.id, 'local');
    await made.world.advance(60_000);
    expect(backendFields(made)).toEqual(sides.local);
  });

  it('S16 cannot change what the record says', async () => {
    const conflict = (told: Conflict): Resolution => {
      (told.local as unknown as Fields)['a'] = 99;
      (told.base as unknown as Fields)['a'] = 99;
      return { entity: told.remote };
    };
    const made = await apart(sides, 'refusal', { conflict });
    expect([made.record()?.base, made.record()?.local].map(fieldsOf)).toEqual([sides.base, sides.local]);
  });

  it('S16 is asked again when a side moves while it thinks, and only its newest word counts', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 1 });
    const answers: { told: Conflict; answer: (resolution: Resolution) => void }[] = [];
    const sync = await world.open({
      conflict: (told) => new Promise((answer) => answers.push({ told, answer })),
    });
    await sync.collection('tasks').pull();
    sync.pause();
    sync.collection('tasks').patch('1', { a: 2 });
    world.backend.edit('tasks', '1', { a: 3 });
    await sync.pull();
    await world.settle();
    world.backend.edit('tasks', '1', { a: 4 });
    await sync.pull();
    await world.settle();
    sync.collection('tasks').patch('1', { a: 5 });
    await world.settle();
    expect(answers.map(({ told }) => [fieldsOf(told.local), fieldsOf(told.remote)])).toEqual([
      [{ a: 2 }, { a: 3 }],
      [{ a: 2 }, { a: 4 }],
      [{ a: 5 }, { a: 4 }],
    ]);
    expect(new Set(answers.map(({ told }) => told.id)).size).toBe(1);
    answers[0]?.answer('manual');
    await world.settle();
    expect(sync.conflicts.list()).toMatchObject([{ status: 'open' }]);
    answers[2]?.answer({ entity: answers[2].told.local });
    await world.settle();
    answers[1]?.answer({ entity: answers[1].told.remote });
    sync.resume();
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 5 });
    expect(sync.conflicts.list()).toMatchObject([{ status: 'resolved', local: { a: 5 }, remote: { a: 4 } }]);
  });
});

describe('what a conflict covers', () => {
  it('S16 all pending operations, folded: one request, one fate', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 1, b: 1, c: 1 });
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    await tasks.pull();
    sync.pause();
    const writes = [tasks.patch('1', { a: 2 }), tasks.patch('1', { b: 2 }), tasks.patch('1', { a: 9 })];
    await world.advance(1_000);
    world.backend.edit('tasks', '1', { a: 3, b: 1, c: 3 });
    await sync.pull();
    await world.settle();
    expect(sync.queue.list().length).toBe(1);
    sync.resume();
    await sync.flush();
    const result = { id: '1', a: 3, b: 2, c: 3 };
    expect(world.backend.entity('tasks', '1')).toEqual(result);
    expect(world.backend.writes().length).toBe(1);
    expect(await Promise.all(writes.map(({ synced }) => synced))).toMatchObject([result, result, result]);
    expect(sync.conflicts.list()).toMatchObject([{ local: { a: 9, b: 2 }, remote: { a: 3, c: 3 }, paths: ['/a'] }]);
  });

  it('S16 one open record per entity, whose sides stay current, also for writes made meanwhile', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    const { world, sync } = made;
    const id = made.record()?.id;
    sync.collection('tasks').patch('1', { b: 5 });
    world.backend.edit('tasks', '1', { a: 7, b: 1 });
    await sync.pull();
    await world.settle();
    expect(sync.conflicts.list().length).toBe(1);
    expect(made.record()).toMatchObject({
      id,
      status: 'open',
      base: { a: 1, b: 1 },
      local: { a: 2, b: 5 },
      remote: { a: 7, b: 1 },
    });
    expect(sync.getSnapshot()).toMatchObject({ conflicts: 2, pending: 0 });
  });

  it('S16 the resolution is journaled before it is sent: a crash between repeats nothing and loses nothing', async () => {
    const storage = createPlannedStorage();
    const world = createServiceWorld({ storage, changes: false });
    open.push(world);
    const sync = await world.open({ conflict: 'client-wins' });
    await sync.collection('tasks').put({ id: '1', a: 1 }).synced;
    world.backend.edit('tasks', '1', { a: 3 });
    world.backend.once('update', (_, apply) => {
      storage.plan(({ method }) => (method === 'setItem' ? 'late' : 'done'));
      return apply();
    });
    sync.collection('tasks').patch('1', { a: 2 });
    await world.advance(1_000);
    const atTheCrash = createPlannedStorage(new Map(storage.items));
    const effects = world.backend.effects.length;
    expect(world.backend.writes().map(({ method }) => method)).toEqual(['create', 'update']);

    storage.plan(() => 'done');
    expect(storage.land()).toBeGreaterThan(0);
    await world.runUntil(() => sync.queue.size === 0);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 2 });
    expect(world.backend.effects.length).toBe(effects + 1);
    expect(sync.conflicts.list()).toMatchObject([{ status: 'resolved', resolved: { a: 2 } }]);
    await sync.close();

    const again = await world.open({ conflict: 'client-wins', storage: atTheCrash });
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 2 });
    expect(again.conflicts.list().filter(({ status }) => status === 'open')).toEqual([]);
  });

  it('S16 an open conflict is open after a restart, with the same id and sides, and its strategy is asked again', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    const before = made.record();
    await made.sync.close();
    const again = await made.world.open({ conflict: 'manual' });
    await made.world.settle();
    expect(again.conflicts.list()).toEqual([before]);
    expect(again.getSnapshot()).toMatchObject({ conflicts: 1, pending: 0 });
    await again.close();
    const decided = await made.world.open({ conflict: 'client-wins' });
    await made.world.advance(60_000);
    expect(decided.conflicts.list()).toMatchObject([{ id: before?.id, status: 'resolved', strategy: 'client-wins' }]);
    expect(backendFields(made)).toEqual(sides.local);
  });

  it('S17 over a tombstone a surviving edit is sent as a create, and versions go on above it', async () => {
    const made = await apart({ base: { a: 1 }, local: { a: 2 }, remote: null }, 'pull');
    expect(made.world.backend.writes().map(({ method }) => method)).toEqual(['create']);
    expect(made.world.backend.record('tasks', '1')?.version).toBe(3);
    expect(made.sync.collection('tasks').get('1')).toMatchObject({ a: 2, version: 3 });
  });

  it('S17 a tombstone counts as absent for a create: no conflict', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 1 });
    const sync = await world.open();
    const tasks = sync.collection('tasks');
    await tasks.pull();
    world.backend.edit('tasks', '1', null);
    await tasks.pull();
    await sync.syncEntity('tasks', { id: '1', a: 2 });
    expect(world.backend.writes().map(({ method }) => method)).toEqual(['create']);
    expect(sync.conflicts.list()).toEqual([]);
    expect(tasks.get('1')).toMatchObject({ a: 2, version: 3 });
  });

  it('S17 both sides deleted it: nothing differs any more', async () => {
    const made = await apart({ base: { a: 1 }, local: null, remote: null }, 'pull');
    expect(made.sync.queue.size).toBe(0);
    expect(made.sync.conflicts.list()).toEqual([]);
    expect(made.world.backend.writes()).toEqual([]);
  });
});

describe('last-write-wins', () => {
  const start = Date.UTC(2026, 0, 1);
  const iso = (ms: number) => new Date(ms).toISOString();

  /** The local change is made at the start of time plus `hereMs`; the other side says it was made at `there`. */
  async function race(hereMs: number, there: string | undefined, { clockOffsetMs = 0, pausedMs = 0 } = {}) {
    const world = createServiceWorld();
    open.push(world);
    Object.assign(world.backend.apiClient, { clockOffsetMs: () => clockOffsetMs });
    world.backend.edit('tasks', '1', { a: 1 });
    const sync = await world.open({ conflict: 'last-write-wins' });
    await sync.collection('tasks').pull();
    await world.advance(hereMs);
    const current = {
      entity: { id: '1', a: 3, updatedAt: there ?? '' },
      version: 2,
      ...(there === undefined ? {} : { updatedAt: there }),
    };
    world.backend.once('update', refuseWith(new ConflictError({ current })));
    world.backend.once('update', ({ content }) => ({
      entity: { ...(content as { entity: object }).entity },
      version: 3,
    }));
    sync.pause();
    sync.collection('tasks').patch('1', { a: 2 });
    await world.advance(pausedMs);
    sync.resume();
    await world.advance(60_000);
    return {
      winner: sync.collection('tasks').get('1')?.['a'] === 2 ? 'local' : 'remote',
      record: sync.conflicts.list()[0],
    };
  }

  it.each([
    ['later here', 10_000, iso(start + 9_000), 'local'],
    ['later there', 10_000, iso(start + 11_000), 'remote'],
    ['no server time', 10_000, undefined, 'remote'],
    ['a server time that is none', 10_000, 'yesterday', 'remote'],
    ['a server in 2099', 10_000, '2099-01-01T00:00:00.000Z', 'remote'],
  ] as const)('S18 %s', async (_, here, there, winner) => {
    expect((await race(here, there)).winner).toBe(winner);
  });

  it.each([
    ['10 minutes later', 600_000, 'remote'],
    ['10 minutes before', -600_000, 'local'],
  ] as const)('S18 where the clock is an hour ahead, the other side wrote %s', async (_, laterMs, winner) => {
    const hourMs = 3_600_000;
    const there = iso(start + 10_000 - hourMs + laterMs);
    expect((await race(10_000, there, { clockOffsetMs: -hourMs, pausedMs: hourMs })).winner).toBe(winner);
  });

  it('S18 a tie goes to the remote side', async () => {
    const first = await race(10_000, iso(start + 5_000));
    const stamp = first.record?.localTimestamp ?? '';
    expect((await race(10_000, stamp)).winner).toBe('remote');
  });

  it('S18 compares the newest of what is pending', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 1, b: 1 });
    const sync = await world.open({ conflict: 'last-write-wins' });
    const tasks = sync.collection('tasks');
    await tasks.pull();
    sync.pause();
    tasks.patch('1', { a: 2 });
    await world.advance(10_000);
    world.backend.edit('tasks', '1', { a: 3, b: 1 });
    await world.advance(10_000);
    tasks.patch('1', { b: 2 });
    sync.resume();
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 2, b: 2 });
  });
});

describe('rounds', () => {
  it('S19 after 10 automatic rounds a conflict awaits a decision, and the decision is carried out', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 0 });
    const sync = await world.open({ conflict: 'client-wins' });
    await sync.collection('tasks').pull();
    let others = 0;
    world.backend.always('update', async () => {
      others += 1;
      throw new ConflictError({ current: world.backend.edit('tasks', '1', { a: -others }) });
    });
    const write = watch(sync.collection('tasks').patch('1', { a: 1 }).synced);
    await world.advance(600_000);
    expect(others).toBe(11);
    expect(sync.conflicts.list().filter(({ status }) => status === 'resolved').length).toBe(10);
    expect(sync.conflicts.list()[0]).toMatchObject({ status: 'open', remote: { a: -11 } });
    expect(write()).toEqual({ is: 'open' });
    world.backend.always('update', null);
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'local');
    await world.advance(60_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', a: 1 });
    expect(write()).toMatchObject({ is: 'resolved', value: { a: 1 } });
  });

  it('S19 an acknowledgement begins the count anew', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', { a: 0 });
    const sync = await world.open({ conflict: 'client-wins' });
    await sync.collection('tasks').pull();
    const contend = (times: number) => {
      for (let time = 0; time < times; time += 1) {
        world.backend.once('update', async () => {
          throw new ConflictError({ current: world.backend.edit('tasks', '1', { a: `${time}` }) });
        });
      }
    };
    contend(9);
    world.backend.once('update', world.after(1_000));
    contend(9);
    sync.collection('tasks').patch('1', { n: 1 });
    await world.advance(500);
    sync.collection('tasks').patch('1', { n: 2 });
    await world.advance(600_000);
    expect(world.backend.entity('tasks', '1')).toMatchObject({ n: 2 });
    expect(sync.queue.size).toBe(0);
    expect(sync.conflicts.list().map(({ status }) => status)).toEqual(Array.from({ length: 18 }, () => 'resolved'));
  });
});

describe.each(routes)('field policies, the other side learned by %s', (route) => {
  const base = { n: 10, tags: ['x'], mine: 1, theirs: 1, late: 1, fn: 1, deep: { k: { n: 1 } } };
  const local = { n: 12, tags: ['x', 'y'], mine: 2, theirs: 2, late: 2, fn: 2, deep: { k: { n: 2 } } };
  const remote = { n: 15, tags: ['x', 'z'], mine: 3, theirs: 3, late: 3, fn: 3, deep: { k: { n: 3 } } };

  it('decide the fields they name', async () => {
    const made = await apart({ base, local, remote }, route, {
      collections: {
        tasks: {
          fields: {
            '/n': 'counter',
            '/tags': 'union',
            '/mine': 'client-wins',
            '/theirs': 'server-wins',
            '/late': 'last-write-wins',
            '/fn': (was, here, there) => [was, here, there] as never,
            '/deep/*/n': 'client-wins',
          },
        },
      },
    });
    expect(backendFields(made)).toEqual({
      n: 17,
      tags: ['x', 'z', 'y'],
      mine: 2,
      theirs: 3,
      late: 3,
      fn: [1, 2, 3],
      deep: { k: { n: 2 } },
    });
    expect(made.record()?.paths.toSorted()).toEqual(
      ['/deep/k/n', '/fn', '/late', '/mine', '/n', '/tags', '/theirs'].toSorted(),
    );
  });

  it.each([
    ['manual', 'manual' as const],
    [
      'a function that throws',
      () => {
        throw new Error('no');
      },
    ],
    ['a function that gives no JSON', () => undefined as never],
  ])('%s leaves the whole conflict to the app', async (_, policy) => {
    const made = await apart({ base, local, remote }, route, { collections: { tasks: { fields: { '/n': policy } } } });
    expect(made.record()).toMatchObject({ status: 'open', strategy: 'merge' });
    expect(backendFields(made)).toEqual(remote);
  });
});

describe('the log', () => {
  it('G6 tells of each conflict when it is found and when it is resolved, with its sides', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', sides.base);
    const sync = await world.open();
    await sync.collection('tasks').pull();
    const events: SyncEvent[] = [];
    sync.events$.subscribe((event) => events.push(event));
    world.backend.edit('tasks', '1', sides.remote);
    sync.collection('tasks').patch('1', { a: 2 });
    await world.advance(60_000);
    const told = events.filter(({ type }) => type.startsWith('conflict.')) as {
      type: string;
      conflict: ConflictRecord;
    }[];
    expect(told).toMatchObject([
      { type: 'conflict.detected', conflict: { status: 'open', base: { a: 1 }, local: { a: 2 }, remote: { a: 3 } } },
      {
        type: 'conflict.resolved',
        conflict: { status: 'resolved', base: { a: 1 }, local: { a: 2 }, remote: { a: 3 } },
      },
    ]);
  });

  it('is newest first, told as it changes, and kept across restarts', async () => {
    const made = await apart(sides, 'refusal');
    const { world, sync } = made;
    const seen: string[][] = [];
    sync.conflicts.records$.subscribe((records) => seen.push(records.map(({ status }) => status)));
    await world.advance(10_000);
    world.backend.edit('tasks', '1', { a: 6, b: 1 });
    sync.collection('tasks').patch('1', { a: 5 });
    await world.advance(60_000);
    const records = sync.conflicts.list();
    expect(records.map(({ remote }) => fieldsOf(remote))).toEqual([{ a: 6, b: 1 }, sides.remote]);
    expect(seen[0]).toEqual(['resolved']);
    expect(seen.at(-1)).toEqual(['resolved', 'resolved']);
    expect(sync.conflicts.get(records[1]!.id)).toEqual(records[1]);
    expect(sync.conflicts.get('unknown')).toBeUndefined();
    await sync.close();
    const again = await world.open();
    expect(again.conflicts.list()).toEqual(records);
  });

  it('is bounded: the newest 1,000, open ones always', async () => {
    const made = await apart(sides, 'refusal', {
      conflict: ({ entityId, remote }) => (entityId === '1' ? 'manual' : { entity: remote }),
    });
    const { world, sync } = made;
    const tasks = sync.collection('tasks');
    sync.pause();
    for (let index = 0; index < 1_005; index += 1) {
      world.backend.edit('tasks', `n${index}`, { a: 0 });
      tasks.put({ id: `n${index}`, a: 1 });
    }
    await world.settle();
    await tasks.pull();
    await world.settle();
    const records = sync.conflicts.list();
    expect(records.filter(({ status }) => status === 'resolved').length).toBe(1_000);
    expect(records.filter(({ status }) => status === 'open').map(({ entityId }) => entityId)).toEqual(['1']);
  }, 30_000);
});

describe('deciding', () => {
  const decide = async (choice: Parameters<ConflictWorld['sync']['conflicts']['resolve']>[1]) => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    await made.sync.conflicts.resolve(made.record()!.id, choice);
    await made.world.advance(60_000);
    return made;
  };

  it.each([
    ['local', 'local' as const, sides.local],
    ['remote', 'remote' as const, sides.remote],
    ['an entity', { id: '1', a: 42 }, { a: 42 }],
    ['null', null, null],
  ])('with %s', async (_, choice, result) => {
    const made = await decide(choice);
    expect(backendFields(made)).toEqual(result);
    expect(fieldsOf(made.sync.collection('tasks').get('1'))).toEqual(result);
    expect(made.record()).toMatchObject({ status: 'resolved', strategy: 'manual' });
    expect(fieldsOf(made.record()?.resolved)).toEqual(result);
    expect(made.sync.queue.size).toBe(0);
    expect(made.sync.getSnapshot()).toMatchObject({ conflicts: 0, pending: 0 });
  });

  it('the promise of the write is settled by the decision; syncEntity has rejected with conflict-open', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', sides.base);
    const sync = await world.open({ conflict: 'manual' });
    await sync.collection('tasks').pull();
    world.backend.edit('tasks', '1', sides.remote);
    const waiting = codeOf(sync.syncEntity('tasks', { id: '1', ...sides.local }));
    expect(await waiting).toBe('conflict-open');
    const write = watch(sync.collection('tasks').patch('1', { b: 9 }).synced);
    await world.settle();
    expect(write()).toEqual({ is: 'open' });
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'local');
    await world.advance(60_000);
    expect(write()).toMatchObject({ is: 'resolved', value: { a: 2, b: 9 } });
  });

  it('rejects what decides nothing, and leaves the conflict as it is', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    const { conflicts } = made.sync;
    const id = made.record()!.id;
    expect(await codeOf(conflicts.resolve('unknown', 'local'))).toBe('unknown-operation');
    expect(await codeOf(conflicts.resolve(id, { id: '1', at: new Date(0) }))).toBe('invalid-entity');
    expect(await codeOf(conflicts.resolve(id, { id: '2', a: 1 }))).toBe('invalid-id');
    expect(await codeOf(conflicts.resolve(id, { a: 1 } as never))).toBe('invalid-id');
    expect(await codeOf(conflicts.resolve(id, 'both' as never))).toBe('invalid-entity');
    expect(made.record()).toMatchObject({ id, status: 'open' });
    await conflicts.resolve(id, 'remote');
    expect(await codeOf(conflicts.resolve(id, 'local'))).toBe('unknown-operation');
  });

  it('S15 may come before the local data is loaded', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    const id = made.record()!.id;
    await made.sync.close();
    const again = made.world.create({ conflict: 'manual' });
    const decided = again.conflicts.resolve(id, 'local');
    await made.world.settle();
    await decided;
    await made.world.advance(60_000);
    expect(backendFields(made)).toEqual(sides.local);
  });

  it('is durable when it resolves, also offline', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    made.world.setOnLine(false);
    await made.world.settle();
    await made.sync.conflicts.resolve(made.record()!.id, { id: '1', a: 42 });
    await made.sync.close();
    made.world.setOnLine(true);
    const again = await made.world.open({ conflict: 'manual' });
    expect(again.conflicts.list()).toMatchObject([{ status: 'resolved', resolved: { a: 42 } }]);
    await again.flush();
    expect(backendFields(made)).toEqual({ a: 42 });
  });

  it('overtakes a resolver that is still thinking', async () => {
    const world = createServiceWorld();
    open.push(world);
    world.backend.edit('tasks', '1', sides.base);
    const sync = await world.open({ conflict: () => new Promise(() => undefined) });
    await sync.collection('tasks').pull();
    world.backend.edit('tasks', '1', sides.remote);
    sync.collection('tasks').patch('1', { a: 2 });
    await world.settle();
    await sync.conflicts.resolve(sync.conflicts.list()[0]!.id, 'local');
    await world.settle();
    expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual(sides.local);
  });

  it('a choice made on what has changed since is met by the next refusal, never lost silently', async () => {
    const made = await apart(sides, 'refusal', { conflict: 'manual' });
    made.world.backend.edit('tasks', '1', { a: 8, b: 8 });
    await made.sync.conflicts.resolve(made.record()!.id, 'local');
    await made.world.advance(60_000);
    expect(backendFields(made)).toEqual({ a: 8, b: 8 });
    expect(made.sync.conflicts.list()).toMatchObject([
      { status: 'open', base: { a: 3 }, local: { a: 2 }, remote: { a: 8 } },
      { status: 'resolved' },
    ]);
  });
});
