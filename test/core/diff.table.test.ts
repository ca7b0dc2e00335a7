import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import { diff, diffEntity } from '../../src/core/diff.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';
import type { JsonPatch } from '../../src/core/json.ts';

const row = <I extends string | number>(id: I, text = 'x') => ({ id, text });

const table: [name: string, before: unknown, after: unknown, patch: JsonPatch][] = [
  ['equal values', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['another order of properties', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['one field', { a: 1, b: 2 }, { a: 1, b: 3 }, [{ op: 'replace', path: '/b', value: 3 }]],
  ['a nested field', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [{ op: 'replace', path: '/a/b/c', value: 2 }]],
  ['a new field', {}, { a: null }, [{ op: 'add', path: '/a', value: null }]],
  ['a field less', { a: 1, b: 2 }, { b: 2 }, [{ op: 'remove', path: '/a' }]],
  ['a field that turns undefined', { a: 1 }, { a: undefined }, [{ op: 'remove', path: '/a' }]],
  ['a field that was undefined', { a: undefined }, { a: 1 }, [{ op: 'add', path: '/a', value: 1 }]],
  ['undefined and absent', { a: undefined, b: 1 }, { b: 1, c: undefined }, []],
  [
    'names with / and ~',
    { 'a/b': 1, 'm~n': 1 },
    { 'a/b': 2, 'm~n': 2 },
    [
      { op: 'replace', path: '/a~1b', value: 2 },
      { op: 'replace', path: '/m~0n', value: 2 },
    ],
  ],
  ['an object that turns into an array', { a: {} }, { a: [] }, [{ op: 'replace', path: '/a', value: [] }]],
  ['another kind of root', [], {}, [{ op: 'replace', path: '', value: {} }]],
  ['a scalar root', 1, 'a', [{ op: 'replace', path: '', value: 'a' }]],
  ['an element put in', ['a', 'c'], ['a', 'b', 'c'], [{ op: 'add', path: '/1', value: 'b' }]],
  ['an element taken out', ['a', 'b', 'c'], ['a', 'c'], [{ op: 'remove', path: '/1' }]],
  ['an element changed', [1, 2, 3], [1, 5, 3], [{ op: 'replace', path: '/1', value: 5 }]],
  ['an element appended', [1], [1, 2], [{ op: 'add', path: '/1', value: 2 }]],
  [
    'an array emptied',
    [1, 2],
    [],
    [
      { op: 'remove', path: '/1' },
      { op: 'remove', path: '/0' },
    ],
  ],
  ['a row put in', [row('a'), row('b')], [row('a'), row('n'), row('b')], [{ op: 'add', path: '/1', value: row('n') }]],
  ['a row edited', [row('a'), row('b')], [row('a'), row('b', 'y')], [{ op: 'replace', path: '/1/text', value: 'y' }]],
  [
    'a row edited behind one taken out',
    [row('a'), row('b')],
    [row('b', 'y')],
    [
      { op: 'replace', path: '/1/text', value: 'y' },
      { op: 'remove', path: '/0' },
    ],
  ],
  [
    'the last row moved to the head',
    [row('a'), row('b'), row('c')],
    [row('c'), row('a'), row('b')],
    [{ op: 'move', from: '/2', path: '/0' }],
  ],
  ['rows with numbers for ids', [row(1), row(2)], [row(2)], [{ op: 'remove', path: '/0' }]],
  [
    'a row under another id',
    [row('a')],
    [row('b')],
    [
      { op: 'remove', path: '/0' },
      { op: 'add', path: '/0', value: row('b') },
    ],
  ],
  [
    'rows with the same id twice',
    [row('a'), row('a')],
    [row('b'), row('c')],
    [
      { op: 'replace', path: '/0/id', value: 'b' },
      { op: 'replace', path: '/1/id', value: 'c' },
    ],
  ],
  ['objects without ids', [{ x: 1 }, { x: 2 }], [{ x: 1 }, { x: 3 }], [{ op: 'replace', path: '/1/x', value: 3 }]],
];

test.each(table)('diff: %s', (_, before, after, patch) => {
  expect(diff(before, after)).toEqual(patch);
});

test('diff: a field named __proto__ is data', () => {
  const [before, after] = [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": {"x": 1}}')] as const;
  expect(diff(before, after)).toEqual([{ op: 'replace', path: '/__proto__', value: { x: 1 } }]);
  expect(diff({}, after)).toEqual([{ op: 'add', path: '/__proto__', value: { x: 1 } }]);
  expect(diff(after, {})).toEqual([{ op: 'remove', path: '/__proto__' }]);
});

test('diff: a row at the head of 1,000 rows is one operation, and so is taking it out again', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => row(`r${index}`));
  const more = [row('new'), ...structuredClone(many)];
  expect(diff(many, more)).toEqual([{ op: 'add', path: '/0', value: row('new') }]);
  expect(diff(more, many)).toEqual([{ op: 'remove', path: '/0' }]);
});

test('diff: many changed scalars of an array are sent as a whole', () => {
  const before = Array.from({ length: 100 }, (_, index) => index);
  const after = before.map((value) => value + 0.5);
  expect(diff({ track: before }, { track: after })).toEqual([{ op: 'replace', path: '/track', value: after }]);
});

test('diff: what would take too long to apply is sent as a whole', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => row(index));
  const reversed = [...many].reverse();
  const patch = diff({ rows: many }, { rows: reversed });
  expect(patch.map(({ op, path }) => [op, path])).toEqual([['replace', '/rows']]);
  const fields = Object.fromEntries(many.map(({ id }) => [id, { a: 1, b: 1, c: 1 }]));
  const changed = Object.fromEntries(many.map(({ id }) => [id, { a: 2, b: 2, c: 2 }]));
  expect(diff({ fields }, { fields: changed })).toEqual([{ op: 'replace', path: '/fields', value: changed }]);
});

test('diff: every patch it gives for a large array can be applied', () => {
  const many = Array.from({ length: 30_000 }, (_, index) => row(index));
  const some = many.filter(({ id }) => id % 20 !== 0);
  expect(applyPatch(many, diff(many, some))).toEqual(some);
  expect(applyPatch(some, diff(some, many))).toEqual(many);
});

test('diff: values are shared with the later value, and shared parts are not gone into', () => {
  const shared = { deep: [1, 2, 3] };
  Object.defineProperty(shared, 'trap', { enumerable: true, get: () => expect.unreachable('gone into') });
  const added = { x: 1 };
  const patch = diff({ shared }, { shared, added });
  expect(patch).toEqual([{ op: 'add', path: '/added', value: { x: 1 } }]);
  expect(patch[0]).toHaveProperty('value', added);
});

test('S8 diffEntity leaves out updatedAt and version, but only at the top', () => {
  const before = { id: 'a', updatedAt: '2024-01-01T00:00:00Z', version: 1, meta: { version: 1 } } as ISyncEntity;
  const after = { id: 'a', updatedAt: '2024-01-02T00:00:00Z', version: 2, meta: { version: 2 } } as ISyncEntity;
  expect(diffEntity(before, after)).toEqual([{ op: 'replace', path: '/meta/version', value: 2 }]);
  expect(diffEntity(before, before)).toEqual([]);
});
