import { expect, test } from 'vitest';
import type { FieldPolicies } from '../../src/core/conflict.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';
import { merge, mergeEntity } from '../../src/core/merge.ts';
import { deepFreeze } from './deep-freeze.ts';

const row = (id: string | number, text: string | number = 0): Json => ({ id, text });

interface Case {
  readonly base?: Json;
  readonly local: Json;
  readonly remote: Json;
  readonly merged: Json;
  readonly paths?: readonly string[];
}

const table: Record<string, Case> = {
  'unchanged and changed: remote': { base: { a: 1 }, local: { a: 1 }, remote: { a: 2 }, merged: { a: 2 } },
  'changed and unchanged: local': { base: { a: 1 }, local: { a: 2 }, remote: { a: 1 }, merged: { a: 2 } },
  'changed alike: that': { base: { a: 1 }, local: { a: 2 }, remote: { a: 2 }, merged: { a: 2 } },
  'different fields: both': {
    base: { a: 1, b: 1 },
    local: { a: 2, b: 1 },
    remote: { a: 1, b: 2 },
    merged: { a: 2, b: 2 },
  },
  'different nested fields: both': {
    base: { o: { a: 1, b: 1 } },
    local: { o: { a: 2, b: 1 } },
    remote: { o: { a: 1, b: 2 } },
    merged: { o: { a: 2, b: 2 } },
  },
  'both added different fields': { base: {}, local: { a: 1 }, remote: { b: 2 }, merged: { b: 2, a: 1 } },
  'removed here, untouched there': { base: { a: 1, b: 1 }, local: { b: 1 }, remote: { a: 1, b: 2 }, merged: { b: 2 } },
  'untouched here, removed there': { base: { a: 1, b: 1 }, local: { a: 1, b: 2 }, remote: { b: 1 }, merged: { b: 2 } },
  'removed on both sides': { base: { a: 1, b: 1 }, local: { b: 1 }, remote: { b: 1 }, merged: { b: 1 } },
  'the same field: a conflict': { base: { a: 1 }, local: { a: 2 }, remote: { a: 3 }, merged: { a: 3 }, paths: ['/a'] },
  'the same field, added by both': { base: {}, local: { a: 2 }, remote: { a: 3 }, merged: { a: 3 }, paths: ['/a'] },
  'an object against a scalar': {
    base: { a: 1 },
    local: { a: { b: 1 } },
    remote: { a: 2 },
    merged: { a: 2 },
    paths: ['/a'],
  },
  'an object against an array': {
    base: { a: 1 },
    local: { a: {} },
    remote: { a: [] },
    merged: { a: [] },
    paths: ['/a'],
  },
  'objects in place of a scalar': {
    base: { a: 1 },
    local: { a: { x: 1 } },
    remote: { a: { y: 1 } },
    merged: { a: { y: 1, x: 1 } },
  },
  'removed here, edited there: the edit': {
    base: { a: 1 },
    local: {},
    remote: { a: 2 },
    merged: { a: 2 },
    paths: ['/a'],
  },
  'edited here, removed there: the edit': {
    base: { a: 1 },
    local: { a: 2 },
    remote: {},
    merged: { a: 2 },
    paths: ['/a'],
  },
  'names that need escaping': {
    base: { 'a/b': 1 },
    local: { 'a/b': 2 },
    remote: { 'a/b': 3 },
    merged: { 'a/b': 3 },
    paths: ['/a~1b'],
  },
  'arrays of scalars': { base: [1], local: [1, 2], remote: [1, 3], merged: [1, 3], paths: [''] },
  'arrays of scalars, one side': { base: [1], local: [1, 2], remote: [1], merged: [1, 2] },
  'no base, objects': { local: { a: 1, c: 1 }, remote: { a: 2, b: 2 }, merged: { a: 2, b: 2, c: 1 }, paths: ['/a'] },
  'no base, rows': { local: [row('l')], remote: [row('r')], merged: [row('r'), row('l')] },

  'rows: both put one at the end': {
    base: [row('a')],
    local: [row('a'), row('l')],
    remote: [row('a'), row('r')],
    merged: [row('a'), row('r'), row('l')],
  },
  'rows: both put one at the head': {
    base: [row('a')],
    local: [row('l'), row('a')],
    remote: [row('r'), row('a')],
    merged: [row('r'), row('l'), row('a')],
  },
  'rows: head and end': {
    base: [row('a')],
    local: [row('l'), row('a')],
    remote: [row('a'), row('r')],
    merged: [row('l'), row('a'), row('r')],
  },
  'rows: in between': {
    base: [row('a'), row('b')],
    local: [row('a'), row('l'), row('b')],
    remote: [row('b'), row('r')],
    merged: [row('l'), row('b'), row('r')],
  },
  'rows: different rows edited': {
    base: [row('a'), row('b')],
    local: [row('a', 1), row('b')],
    remote: [row('a'), row('b', 2)],
    merged: [row('a', 1), row('b', 2)],
  },
  'rows: different fields of a row': {
    base: [{ id: 'a', x: 1, y: 1 }],
    local: [{ id: 'a', x: 2, y: 1 }],
    remote: [{ id: 'a', x: 1, y: 2 }],
    merged: [{ id: 'a', x: 2, y: 2 }],
  },
  'rows: the same field of a row': {
    base: [row('z'), row('a')],
    local: [row('a', 1)],
    remote: [row('z'), row('a', 2)],
    merged: [row('a', 2)],
    paths: ['/1/text'],
  },
  'rows: each took out another': {
    base: [row('a'), row('b'), row('c')],
    local: [row('b'), row('c')],
    remote: [row('a'), row('b')],
    merged: [row('b')],
  },
  'rows: taken out here, edited there': {
    base: [row('a'), row('b')],
    local: [row('b')],
    remote: [row('a', 2), row('b')],
    merged: [row('a', 2), row('b')],
    paths: ['/0'],
  },
  'rows: edited here, taken out there': {
    base: [row('a'), row('b')],
    local: [row('a', 2), row('b')],
    remote: [row('b')],
    merged: [row('a', 2), row('b')],
    paths: ['/0'],
  },
  'rows: the same row put in by both': {
    base: [],
    local: [row('n', 1)],
    remote: [row('n', 2)],
    merged: [row('n', 2)],
    paths: ['/0/text'],
  },
  'rows: moved here, edited there': {
    base: [row('a'), row('b'), row('c')],
    local: [row('c'), row('a'), row('b')],
    remote: [row('a', 1), row('b'), row('c')],
    merged: [row('c'), row('a', 1), row('b')],
  },
  'rows: moved there, put in here': {
    base: [row('a'), row('b')],
    local: [row('a'), row('l'), row('b')],
    remote: [row('b'), row('a')],
    merged: [row('b'), row('a'), row('l')],
  },
  'rows: moved differently': {
    base: [row('a'), row('b'), row('c')],
    local: [row('b'), row('a'), row('c')],
    remote: [row('a'), row('c'), row('b')],
    merged: [row('a'), row('c'), row('b')],
    paths: [''],
  },
  'rows: the same id twice': {
    base: [row('a')],
    local: [row('a'), row('a')],
    remote: [row('b')],
    merged: [row('b')],
    paths: [''],
  },
  'rows: the ids 1 and "1" are two': { base: [], local: [row(1)], remote: [row('1')], merged: [row('1'), row(1)] },
  'rows: emptied here, another added there': {
    base: [row('a')],
    local: [],
    remote: [row('a'), row('b')],
    merged: [row('b')],
  },
};

test.each(Object.entries(table))('merge: %s', (_, { base, local, remote, merged, paths = [] }) => {
  const result = merge(deepFreeze(base), deepFreeze(local), deepFreeze(remote));
  expect({ merged: result.merged, paths: result.conflicts.map(({ path }) => path) }).toEqual({ merged, paths });
});

test('S17 a null base merges as an empty object', () => {
  expect(merge(null, { a: 1 }, { b: 2 })).toEqual({ merged: { b: 2, a: 1 }, conflicts: [] });
});

test('the later side decides where no policy does', () => {
  const sides = [{ a: 0 }, { a: 1 }, { a: 2 }] as const;
  expect(merge(...sides, { later: 'local' }).merged).toEqual({ a: 1 });
  expect(merge(...sides, { later: 'remote' }).merged).toEqual({ a: 2 });
  expect(merge({ a: 0 }, {}, { a: 1 }, { later: 'local' }).merged).toEqual({ a: 1 });
});

test('G6 a conflict keeps all three values, whoever wins', () => {
  expect(merge({ a: 0, b: 0 }, { a: 1 }, { a: 2, b: 1 }, { later: 'local' })).toEqual({
    merged: { a: 1, b: 1 },
    conflicts: [
      { path: '/a', base: 0, local: 1, remote: 2 },
      { path: '/b', base: 0, local: undefined, remote: 1 },
    ],
  });
});

const policed = (policies: FieldPolicies, base: Json, local: Json, remote: Json) =>
  merge(base, local, remote, { policies });

test.each<[name: string, policies: FieldPolicies, base: Json, local: Json, remote: Json, merged: Json]>([
  ['client-wins', { '/a': 'client-wins' }, { a: 0 }, { a: 1 }, { a: 2 }, { a: 1 }],
  ['client-wins with a removal', { '/a': 'client-wins' }, { a: 0 }, {}, { a: 2 }, {}],
  ['server-wins', { '/a': 'server-wins' }, { a: 0 }, { a: 1 }, { a: 2 }, { a: 2 }],
  ['server-wins with a removal', { '/a': 'server-wins' }, { a: 0 }, { a: 1 }, {}, {}],
  ['last-write-wins', { '/a': 'last-write-wins' }, { a: 0 }, { a: 1 }, { a: 2 }, { a: 2 }],
  ['counter', { '/a': 'counter' }, { a: 10 }, { a: 13 }, { a: 9 }, { a: 12 }],
  ['counter without a base', { '/a': 'counter' }, {}, { a: 3 }, { a: 4 }, { a: 7 }],
  ['counter over what is no number', { '/a': 'counter' }, { a: 'x' }, { a: 3 }, { a: 4 }, { a: 4 }],
  ['counter that overflows', { '/a': 'counter' }, { a: 0 }, { a: 1e308 }, { a: 1.5e308 }, { a: 1.5e308 }],
  ['counter that was removed', { '/a': 'counter' }, { a: 1 }, {}, { a: 4 }, { a: 4 }],
  ['union', { '/a': 'union' }, { a: ['x', 'y'] }, { a: ['y', 'l'] }, { a: ['x', 'y', 'r'] }, { a: ['y', 'r', 'l'] }],
  ['union without a base', { '/a': 'union' }, {}, { a: ['l', 'b'] }, { a: ['b', 'r'] }, { a: ['b', 'r', 'l'] }],
  [
    'union of objects',
    { '/a': 'union' },
    { a: [] },
    { a: [{ x: 1, y: 2 }] },
    { a: [{ y: 2, x: 1 }, { x: 2 }] },
    { a: [{ y: 2, x: 1 }, { x: 2 }] },
  ],
  [
    'union of elements twice',
    { '/a': 'union' },
    { a: ['x'] },
    { a: ['x', 'x', 'l'] },
    { a: ['x', 'r', 'r'] },
    { a: ['x', 'r', 'l'] },
  ],
  [
    'union of rows',
    { '/a': 'union' },
    { a: [row('a'), row('b')] },
    { a: [row('b', 1), row('l')] },
    { a: [row('a'), row('b'), row('r')] },
    { a: [row('b', 1), row('r'), row('l')] },
  ],
  ['union over what is no array', { '/a': 'union' }, { a: 1 }, { a: ['l'] }, { a: ['r'] }, { a: ['r'] }],
  [
    'a function',
    { '/a': (base, local, remote) => [base ?? null, local ?? null, remote ?? null] },
    { a: 0 },
    { a: 1 },
    {},
    { a: [0, 1, null] },
  ],
  [
    'a policy at an object stands before its fields',
    { '/a': 'client-wins' },
    { a: { x: 0, y: 0 } },
    { a: { x: 1, y: 0 } },
    { a: { x: 0, y: 1 } },
    { a: { x: 1, y: 0 } },
  ],
  [
    'a policy at an array of rows stands before its rows',
    { '/a': 'server-wins' },
    { a: [row('a')] },
    { a: [row('a', 1)] },
    { a: [row('a'), row('r')] },
    { a: [row('a'), row('r')] },
  ],
  [
    '* for any key',
    { '/m/*/n': 'counter' },
    { m: { x: { n: 1 } } },
    { m: { x: { n: 2 } } },
    { m: { x: { n: 3 } } },
    { m: { x: { n: 4 } } },
  ],
  [
    '* for any row',
    { '/rows/*/n': 'counter' },
    { rows: [{ id: 'a', n: 1 }] },
    { rows: [{ id: 'a', n: 2 }] },
    { rows: [{ id: 'a', n: 3 }] },
    { rows: [{ id: 'a', n: 4 }] },
  ],
  [
    'a name counts before *',
    { '/*': 'client-wins', '/a': 'server-wins' },
    { a: 0, b: 0 },
    { a: 1, b: 1 },
    { a: 2, b: 2 },
    { a: 2, b: 1 },
  ],
  ['names with /', { '/a~1b': 'client-wins' }, { 'a/b': 0 }, { 'a/b': 1 }, { 'a/b': 2 }, { 'a/b': 1 }],
  ['a policy of the root', { '': 'client-wins' }, { a: 0 }, { a: 1 }, { b: 2 }, { a: 1 }],
])('field policy: %s', (_, policies, base, local, remote, merged) => {
  const result = policed(policies, deepFreeze(base), deepFreeze(local), deepFreeze(remote));
  expect(result.merged).toEqual(merged);
  expect(result.conflicts.filter(({ manual }) => manual)).toEqual([]);
  expect(result.conflicts.length).toBeGreaterThan(0);
});

test.each<[name: string, policies: FieldPolicies]>([
  ['manual', { '/a': 'manual' }],
  ['a function that throws', { '/a': () => expect.unreachable('on purpose') }],
  ['a function that gives nothing', { '/a': () => undefined as unknown as Json }],
  ['a function that gives no JSON', { '/a': () => new Date(0) as unknown as Json }],
  ['a function that gives a promise', { '/a': (async () => 1) as unknown as () => Json }],
])('field policy: %s leaves the decision to the app', (_, policies) => {
  expect(policed(policies, { a: 0, b: 0 }, { a: 1, b: 0 }, { a: 2, b: 1 })).toEqual({
    merged: { a: 2, b: 1 },
    conflicts: [{ path: '/a', base: 0, local: 1, remote: 2, manual: true }],
  });
});

test('field policy: it is not asked where only one side changed', () => {
  const policies = { '/a': () => expect.unreachable('asked') };
  expect(policed(policies, { a: 0 }, { a: 1 }, { a: 0 })).toEqual({ merged: { a: 1 }, conflicts: [] });
  expect(policed(policies, { a: 0 }, { a: 1 }, { a: 1 })).toEqual({ merged: { a: 1 }, conflicts: [] });
});

test.each(['a', '~', '/a~', '*'])('field policy: the key %j names no field', (key) => {
  const error = expect.objectContaining({ code: 'invalid-option', path: key });
  expect(() => policed({ [key]: 'union' }, {}, {}, {})).toThrow(SyncError);
  expect(() => policed({ [key]: 'union' }, {}, {}, {})).toThrow(error);
});

test('one policy for all places merges as far as it can first', () => {
  const sides = [
    { a: 0, o: { x: 0, y: 0 } },
    { a: 1, o: { x: 1, y: 0 } },
    { a: 2, o: { x: 0, y: 1 } },
  ] as const;
  expect(merge(...sides, { otherwise: 'client-wins' }).merged).toEqual({ a: 1, o: { x: 1, y: 1 } });
  expect(merge(...sides, { otherwise: 'counter' }).merged).toEqual({ a: 3, o: { x: 1, y: 1 } });
  expect(merge(...sides, { otherwise: 'client-wins', policies: { '/a': 'server-wins' } }).merged).toEqual({
    a: 2,
    o: { x: 1, y: 1 },
  });
  expect(merge({ a: 0 }, {}, { a: 1 }, { otherwise: 'client-wins' }).merged).toEqual({});
  const rows = (ids: string): Json => ids.split('').map((id) => row(id));
  const [base, local, remote] = [rows('abc'), rows('bac'), rows('acb')];
  expect(merge(base, local, remote, { otherwise: 'client-wins' }).merged).toEqual(local);
  expect(merge(base, local, remote, { otherwise: 'manual' }).conflicts).toEqual([
    { path: '', base, local, remote, manual: true },
  ]);
});

test('G22 merging a field named __proto__ makes it data', () => {
  const parse = (text: string): Json => JSON.parse(text);
  const { merged } = merge(parse('{}'), parse('{"__proto__":{"a":1}}'), parse('{"__proto__":{"b":1}}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"b":1,"a":1}}');
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
});

const entity = (fields: object): ISyncEntity => deepFreeze({ id: 'e', updatedAt: 'base', ...fields });

test('S8 metadata takes no part in a merge and is that of the remote side', () => {
  const base = entity({ version: 1, a: 0, b: 0 });
  const local = entity({ version: 1, updatedAt: 'local', a: 1, b: 0 });
  const remote = entity({ version: 2, updatedAt: 'remote', a: 0, b: 1 });
  expect(mergeEntity(base, local, remote)).toEqual({
    entity: { id: 'e', a: 1, b: 1, updatedAt: 'remote', version: 2 },
    conflicts: [],
  });
  expect(mergeEntity(base, base, remote).entity).toBe(remote);
  expect(mergeEntity(base, { ...base, updatedAt: 'later' }, remote).entity).toBe(remote);
  expect(mergeEntity(base, local, entity({ a: 0, b: 0 })).entity).toEqual({ id: 'e', a: 1, b: 0, updatedAt: 'base' });
});

test('S17 two creates of an entity merge over an empty object', () => {
  const merged = mergeEntity(null, entity({ a: 1 }), entity({ version: 1, b: 1 }));
  expect(merged).toEqual({ entity: { id: 'e', b: 1, a: 1, updatedAt: 'base', version: 1 }, conflicts: [] });
});
