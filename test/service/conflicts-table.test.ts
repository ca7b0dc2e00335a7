import { describe, expect, it } from 'vitest';
import type { ConflictStrategy } from '../../src/index.ts';
import { comeApart, fieldsOf, type Fields, type Route, type Sides } from './conflict-world.ts';

const routes: Route[] = ['refusal', 'pull'];

interface Row extends Sides {
  readonly name: string;
  readonly paths: readonly string[];
  readonly result: Fields | null;
}

/** The table of the three-way merge, end to end. Where a place is contested, the remote side changed last. */
const rows: readonly Row[] = [
  {
    name: 'both changed different fields: both stay',
    base: { a: 1, b: 1 },
    local: { a: 2, b: 1 },
    remote: { a: 1, b: 2 },
    paths: [],
    result: { a: 2, b: 2 },
  },
  {
    name: 'both changed a field alike: that',
    base: { a: 1, b: 1 },
    local: { a: 2, b: 2 },
    remote: { a: 2, b: 1 },
    paths: [],
    result: { a: 2, b: 2 },
  },
  {
    name: 'both changed an object: by key, as deep as it goes',
    base: { o: { x: 1, p: { y: 1, z: 1 } } },
    local: { o: { x: 2, p: { y: 2, z: 1 } } },
    remote: { o: { x: 1, p: { y: 1, z: 2 } } },
    paths: [],
    result: { o: { x: 2, p: { y: 2, z: 2 } } },
  },
  {
    name: 'one took a field out, the other changed another',
    base: { a: 1, b: 1 },
    local: { b: 1 },
    remote: { a: 1, b: 2 },
    paths: [],
    result: { b: 2 },
  },
  {
    name: 'rows: insertions, deletions and edits of both sides are kept, the remote order first',
    base: {
      rows: [
        { id: 'a', t: 1 },
        { id: 'b', t: 1 },
        { id: 'c', t: 1 },
      ],
    },
    local: {
      rows: [
        { id: 'a', t: 2 },
        { id: 'c', t: 1 },
        { id: 'd', t: 1 },
      ],
    },
    remote: {
      rows: [
        { id: 'e', t: 1 },
        { id: 'a', t: 1 },
        { id: 'b', t: 1 },
        { id: 'c', t: 2 },
      ],
    },
    paths: [],
    result: {
      rows: [
        { id: 'e', t: 1 },
        { id: 'a', t: 2 },
        { id: 'c', t: 2 },
        { id: 'd', t: 1 },
      ],
    },
  },
  {
    name: 'any other pair is a conflict at its path: the later one',
    base: { a: 1, tags: ['x'] },
    local: { a: 2, tags: ['x', 'y'] },
    remote: { a: 3, tags: ['x', 'z'] },
    paths: ['/a', '/tags'],
    result: { a: 3, tags: ['x', 'z'] },
  },
  {
    name: 'a field taken out against one edited: the edit survives',
    base: { a: 1, b: 1 },
    local: { a: 2, b: 1 },
    remote: { b: 1 },
    paths: ['/a'],
    result: { a: 2, b: 1 },
  },
  {
    name: 'edited here, deleted there: the edit survives',
    base: { a: 1 },
    local: { a: 2 },
    remote: null,
    paths: [''],
    result: { a: 2 },
  },
  {
    name: 'deleted here, edited there: the edit survives',
    base: { a: 1 },
    local: null,
    remote: { a: 2 },
    paths: [''],
    result: { a: 2 },
  },
  {
    name: 'created on both sides: over nothing',
    base: null,
    local: { a: 1, b: 1 },
    remote: { a: 1, c: 1 },
    paths: [],
    result: { a: 1, b: 1, c: 1 },
  },
];

describe.each(routes)('merge, the other side learned by %s', (route) => {
  it.each(rows)('$name', async ({ base, local, remote, paths, result }) => {
    const { world, sync, record } = await comeApart({ base, local, remote }, route);
    expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual(result);
    expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual(result);
    expect(sync.queue.size).toBe(0);
    const isRebased = route === 'pull' && paths.length === 0 && base !== null;
    if (isRebased) return expect(sync.conflicts.list()).toEqual([]);
    const told = record();
    expect(told).toMatchObject({ paths, status: 'resolved', strategy: 'merge', entityId: '1', collection: 'tasks' });
    expect([told?.base, told?.local, told?.remote, told?.resolved].map(fieldsOf)).toEqual([
      base,
      local,
      remote,
      result,
    ]);
    expect(sync.conflicts.list().length).toBe(1);
    await world.closeAll();
  });
});

const wholes: readonly { strategy: ConflictStrategy; takes: 'local' | 'remote' }[] = [
  { strategy: 'client-wins', takes: 'local' },
  { strategy: 'server-wins', takes: 'remote' },
  { strategy: 'last-write-wins', takes: 'remote' },
];

const apart: readonly (Sides & { name: string })[] = [
  { name: 'the same field', base: { a: 1, b: 1 }, local: { a: 2, b: 1 }, remote: { a: 3, b: 1 } },
  { name: 'different fields and the same', base: { a: 1, b: 1 }, local: { a: 2, b: 2 }, remote: { a: 3, c: 1 } },
  { name: 'edited here, deleted there', base: { a: 1 }, local: { a: 2 }, remote: null },
  { name: 'deleted here, edited there', base: { a: 1 }, local: null, remote: { a: 2 } },
  { name: 'created on both sides', base: null, local: { a: 1 }, remote: { b: 1 } },
];

describe.each(routes)('strategies that take whole entities, the other side learned by %s', (route) => {
  describe.each(wholes)('$strategy', ({ strategy, takes }) => {
    it.each(apart)('S16 $name', async ({ base, local, remote }) => {
      const { world, sync, record } = await comeApart({ base, local, remote }, route, { conflict: strategy });
      const result = { local, remote }[takes];
      expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual(result);
      expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual(result);
      expect(sync.queue.size).toBe(0);
      const told = record();
      expect(told).toMatchObject({ status: 'resolved', strategy });
      expect([told?.base, told?.local, told?.remote, told?.resolved].map(fieldsOf)).toEqual([
        base,
        local,
        remote,
        result,
      ]);
      await world.closeAll();
    });
  });
});

describe.each(routes)('manual, the other side learned by %s', (route) => {
  it.each(apart)('S16 $name', async ({ base, local, remote }) => {
    const { world, sync, record } = await comeApart({ base, local, remote }, route, { conflict: 'manual' });
    expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual(remote);
    expect(fieldsOf(sync.collection('tasks').get('1'))).toEqual(local);
    expect(sync.collection('tasks').status('1')).toBe('conflicted');
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 1 });
    const told = record();
    expect(told).toMatchObject({ status: 'open', strategy: 'manual' });
    expect(told).not.toHaveProperty('resolved');
    expect([told?.base, told?.local, told?.remote].map(fieldsOf)).toEqual([base, local, remote]);
    await world.closeAll();
  });
});

describe('a strategy for entities taken whole', () => {
  it.each(['client-wins', 'server-wins'] as const)(
    'S16 %s takes the whole entity also where changes are disjoint and were refused',
    async (strategy) => {
      const sides = { base: { a: 1, b: 1 }, local: { a: 2, b: 1 }, remote: { a: 1, b: 2 } };
      const { world, record } = await comeApart(sides, 'refusal', { conflict: strategy });
      const taken = strategy === 'client-wins' ? sides.local : sides.remote;
      expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual(taken);
      expect(record()).toMatchObject({ paths: [], status: 'resolved' });
      await world.closeAll();
    },
  );

  it("S16 a collection's strategy counts before the service's", async () => {
    const sides = { base: { a: 1 }, local: { a: 2 }, remote: { a: 3 } };
    const { world, record } = await comeApart(sides, 'refusal', {
      conflict: 'manual',
      collections: { tasks: { conflict: 'client-wins' } },
    });
    expect(record()).toMatchObject({ status: 'resolved', strategy: 'client-wins' });
    expect(fieldsOf(world.backend.record('tasks', '1')?.entity)).toEqual({ a: 2 });
    await world.closeAll();
  });
});
