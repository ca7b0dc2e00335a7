import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, Collection, ISyncService, Write } from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

interface Task {
  id: string;
  title: string;
}

describe('observers of a collection', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  let tasks: Collection<Task>;
  beforeEach(async () => {
    world = createServiceWorld();
    sync = await world.open();
    await world.advance(5_000);
    tasks = sync.collection('tasks');
  });
  afterEach(() => world.closeAll());

  const titles = (rows: readonly Task[]) => rows.map(({ title }) => title);
  const theirs = (id: string, title: string) => ({
    entity: { id, title, updatedAt: '2026-01-01T00:00:00.000Z' },
    version: 1,
  });

  it('local writes are told to every kind of observer before the call returns', () => {
    const told: unknown[] = [];
    tasks.entity$('1').subscribe((entity) => told.push(['entity', entity?.title]));
    tasks.all$().subscribe((rows) => told.push(['all', titles(rows)]));
    tasks.changes$.subscribe((changes) => told.push(['changes', changes.map(({ id, entity }) => [id, entity?.title])]));
    tasks.query({ where: ({ title }) => title < 'm' }).result$.subscribe((rows) => told.push(['query', titles(rows)]));
    told.length = 0;

    tasks.put({ id: '1', title: 'a' });
    expect(told.splice(0)).toEqual([
      ['entity', 'a'],
      ['all', ['a']],
      ['changes', [['1', 'a']]],
      ['query', ['a']],
    ]);
    tasks.patch('1', { title: 'z' });
    expect(told.splice(0)).toEqual([
      ['entity', 'z'],
      ['all', ['z']],
      ['changes', [['1', 'z']]],
      ['query', []],
    ]);
    tasks.delete('1');
    expect(told.splice(0)).toEqual([
      ['entity', undefined],
      ['all', []],
      ['changes', [['1', undefined]]],
    ]);
  });

  it('streams begin with the current value, and changes$ with nothing', () => {
    tasks.put({ id: '1', title: 'a' });
    const told: unknown[] = [];
    tasks.entity$('1').subscribe((entity) => told.push(entity?.title));
    tasks.entity$('2').subscribe((entity) => told.push(entity));
    tasks.all$().subscribe((rows) => told.push(titles(rows)));
    tasks.status$('1').subscribe((status) => told.push(status));
    tasks.status$('2').subscribe((status) => told.push(status));
    tasks.query().result$.subscribe((rows) => told.push(titles(rows)));
    tasks.changes$.subscribe((changes) => told.push(changes));
    expect(told).toEqual(['a', undefined, ['a'], 'pending', 'unknown-entity', ['a']]);
  });

  it('observers of other entities are not told, nor anyone of what changes nothing', async () => {
    tasks.put({ id: '1', title: 'a' });
    await sync.flush();
    await world.settle();
    const told: unknown[] = [];
    tasks.entity$('1').subscribe((entity) => told.push(entity));
    sync
      .collection('notes')
      .all$()
      .subscribe((rows) => told.push(rows));
    told.length = 0;
    tasks.put({ id: '2', title: 'b' });
    const same = tasks.put({ id: '1', title: 'a' });
    expect({ told, operationId: same.operationId }).toEqual({ told: [], operationId: null });
    await same.durable;
    expect(await same.synced).toMatchObject({ id: '1', title: 'a', version: 1 });
  });

  it('remote changes are told once per tick, all of them together', async () => {
    const told: unknown[] = [];
    tasks.all$().subscribe((rows) => told.push(titles(rows)));
    tasks.entity$('1').subscribe((entity) => told.push(entity?.title));
    tasks.changes$.subscribe((changes) => told.push(changes.map(({ id }) => id)));
    told.length = 0;
    void tasks.receive([theirs('1', 'a'), theirs('2', 'b')]);
    void tasks.receive([{ ...theirs('1', 'c'), version: 2 }]);
    expect(told).toEqual([]);
    await world.settle();
    expect(told).toEqual(['c', ['c', 'b'], ['1', '2']]);
  });

  it('what was received can be read at once', () => {
    void tasks.receive([theirs('1', 'a')]);
    expect({ one: tasks.get('1')?.title, list: titles(tasks.list()), count: tasks.count() }).toEqual({
      one: 'a',
      list: ['a'],
      count: 1,
    });
  });

  it('S46 a batch is one notification, and reads within it see it already', () => {
    tasks.put({ id: '1', title: 'a' });
    const told: unknown[] = [];
    tasks.all$().subscribe((rows) => told.push(titles(rows)));
    tasks.changes$.subscribe((changes) => told.push(changes.length));
    const query = tasks.query({ where: ({ title }) => title !== 'a' });
    expect(titles(tasks.list())).toEqual(['a']);
    told.length = 0;
    const within = sync.batch(() => {
      tasks.put({ id: '2', title: 'b' });
      tasks.put({ id: '2', title: 'bb' });
      tasks.delete('1');
      return [titles(tasks.list()), tasks.count(), tasks.has('1'), titles(query.get()), told.length];
    });
    expect(within).toEqual([['bb'], 1, false, ['bb'], 0]);
    expect(told).toEqual([['bb'], 2]);
  });

  it('S46 a batch that throws changes nothing and tells nobody', () => {
    tasks.put({ id: '1', title: 'a' });
    const told: unknown[] = [];
    tasks.all$().subscribe((rows) => told.push(titles(rows)));
    told.length = 0;
    expect(() =>
      sync.batch(() => {
        tasks.put({ id: '2', title: 'b' });
        tasks.list();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect({ told, list: titles(tasks.list()) }).toEqual({ told: [], list: ['a'] });
  });

  it('S46 the promises of a batch that throws say so', async () => {
    const writes: Write<Task>[] = [];
    const throwing = () => {
      writes.push(tasks.put({ id: '1', title: 'a' }), tasks.put({ id: '2', title: 'b' }));
      throw new Error('no');
    };
    expect(() => sync.batch(throwing)).toThrow('no');
    for (const { durable, synced } of writes) {
      await expect(durable).rejects.toMatchObject({ code: 'aborted' });
      await expect(synced).rejects.toMatchObject({ code: 'aborted' });
    }
    tasks.put({ id: '1', title: 'c' });
    await sync.flush();
    await world.settle();
    expect([world.backend.entity('tasks', '1'), world.backend.entity('tasks', '2')]).toEqual([
      { id: '1', title: 'c' },
      undefined,
    ]);
  });

  it('S15 S46 a batch that throws before the data is loaded leaves nothing either', async () => {
    await sync.close();
    const early = world.create();
    const notes = early.collection('tasks');
    notes.put({ id: '1', title: 'kept' });
    let write: Write<Task> | undefined;
    const throwing = () => {
      write = notes.put({ id: '2', title: 'b' });
      notes.patch('1', { title: 'changed' });
      throw new Error('no');
    };
    expect(() => early.batch(throwing)).toThrow('no');
    expect(notes.list().map(({ title }) => title)).toEqual(['kept']);
    await expect(write?.durable).rejects.toMatchObject({ code: 'aborted' });
    await expect(write?.synced).rejects.toMatchObject({ code: 'aborted' });
    await early.flush();
    await world.settle();
    expect([world.backend.entity('tasks', '1'), world.backend.entity('tasks', '2')]).toEqual([
      { id: '1', title: 'kept' },
      undefined,
    ]);
  });

  it('an observer that writes leaves nobody with an older state', () => {
    const first: unknown[] = [];
    const second: unknown[] = [];
    const lists: unknown[] = [];
    tasks.entity$('1').subscribe((entity) => {
      first.push(entity?.title);
      if (entity?.title === 'a') tasks.patch('1', { title: 'b' });
    });
    tasks.entity$('1').subscribe((entity) => second.push(entity?.title));
    tasks.changes$.subscribe((changes) => lists.push(changes.map(({ entity }) => entity?.title)));
    tasks.put({ id: '1', title: 'a' });
    expect(first.at(-1)).toBe('b');
    expect(second).toEqual([undefined, 'b']);
    expect(lists.at(-1)).toEqual(['b']);
    expect(lists).not.toContainEqual(['a']);
  });

  it('an observer that writes while it subscribes sees its own write', () => {
    const told: unknown[] = [];
    tasks.entity$('1').subscribe((entity) => {
      told.push(entity?.title);
      if (!entity) tasks.put({ id: '1', title: 'a' });
    });
    expect(told).toEqual([undefined, 'a']);
  });

  it('S25 status$ goes through pending and sending to synced, each once', async () => {
    const told: unknown[] = [];
    tasks.status$('1').subscribe((status) => told.push(status));
    world.backend.once('write', world.after(500));
    tasks.put({ id: '1', title: 'a' });
    expect(tasks.status('1')).toBe('pending');
    await world.advance(100);
    expect(tasks.status('1')).toBe('sending');
    await world.advance(1_000);
    expect(tasks.status('1')).toBe('synced');
    expect(told).toEqual(['unknown-entity', 'pending', 'sending', 'synced']);
    tasks.delete('1');
    await world.advance(1_000);
    expect(tasks.status('1')).toBe('unknown-entity');
  });

  it('who unsubscribes while being told is not told any more, and the others still are', () => {
    const told: string[] = [];
    const ends: (() => void)[] = [];
    tasks.all$().subscribe((rows) => {
      if (rows.length > 0) for (const end of ends) end();
      told.push(`first ${rows.length}`);
    });
    const second = tasks.all$().subscribe((rows) => told.push(`second ${rows.length}`));
    ends.push(() => second.unsubscribe());
    tasks.all$().subscribe((rows) => told.push(`third ${rows.length}`));
    told.length = 0;
    tasks.put({ id: '1', title: 'a' });
    expect(told).toEqual(['first 1', 'third 1']);
  });

  it('S14 list() is ordered by id in code-unit order', () => {
    for (const id of ['b', 'B', 'ä', '10', '9', 'a', '😀', '\uFFFD']) tasks.put({ id, title: id });
    expect(tasks.list().map(({ id }) => id)).toEqual(['10', '9', 'B', 'a', 'b', 'ä', '😀', '\uFFFD']);
  });

  it('list() and get() give the same object until something changes', () => {
    tasks.put({ id: '1', title: 'a' });
    const [list, one] = [tasks.list(), tasks.get('1')];
    expect(tasks.list()).toBe(list);
    sync.collection('notes').put({ id: '1' });
    expect(tasks.list()).toBe(list);
    tasks.put({ id: '2', title: 'b' });
    expect(tasks.list()).not.toBe(list);
    expect(tasks.get('1')).toBe(one);
  });

  it('what is handed out cannot be changed behind the back of the store', async () => {
    const draft = { id: '1', title: 'a', nested: { tags: ['x'] } };
    const notes = sync.collection('notes');
    const write = notes.put(draft);
    draft.nested.tags.push('y');
    expect(notes.get('1')).toMatchObject({ nested: { tags: ['x'] } });
    const handedOut = [
      notes.get('1'),
      notes.list()[0],
      notes.query().get()[0],
      write.entity,
      await write.synced,
      notes.get('1'),
    ];
    for (const each of handedOut) {
      expect(() => each.nested.tags.push('z')).toThrow(TypeError);
      expect(() => {
        each.title = 'b';
      }).toThrow(TypeError);
    }
    const changed = notes.put({ ...notes.get('1'), title: 'b' });
    expect(typeof changed.operationId).toBe('string');
    expect(notes.get('1')).toMatchObject({ title: 'b', nested: { tags: ['x'] } });
  });
});
