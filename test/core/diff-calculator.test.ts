import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { createDiffCalculator } from '../../src/core/diff-calculator.ts';
import { deepFreeze } from './deep-freeze.ts';
import { errorOf } from './error-of.ts';

const calculator = createDiffCalculator();

const cyclic: Record<string, unknown> = {};
cyclic['self'] = { again: cyclic };
const mirrored: Record<string, unknown> = {};
mirrored['self'] = { again: mirrored };

const notJson: [name: string, value: unknown, path: string][] = [
  ['a Date', { a: { when: new Date(0) } }, '/a/when'],
  ['a Map', [new Map()], '/0'],
  ['a Set', { a: new Set([1]) }, '/a'],
  ['a BigInt', { a: 1n }, '/a'],
  ['NaN', { a: [1, Number.NaN] }, '/a/1'],
  ['Infinity', { a: Infinity }, '/a'],
  ['undefined in an array', { a: [undefined] }, '/a/0'],
  ['a function', { a: () => 1 }, '/a'],
  ['a symbol', { a: Symbol('x') }, '/a'],
  ['a cycle', cyclic, '/self/again'],
];

test.each(notJson)('diff refuses %s with its pointer, on either side', (_, value, path) => {
  const expected = { code: 'invalid-entity', path };
  expect(errorOf(() => calculator.diff({}, value))).toMatchObject(expected);
  expect(errorOf(() => calculator.diff(value, {}))).toMatchObject(expected);
  expect(errorOf(() => calculator.diff(value, value))).toMatchObject(expected);
  expect(errorOf(() => calculator.diff([], { added: value }))).toMatchObject({ ...expected, path: `/added${path}` });
});

test('diff refuses undefined as a whole', () => {
  expect(errorOf(() => calculator.diff(undefined, {}))).toMatchObject({ code: 'invalid-entity', path: '' });
  expect(errorOf(() => calculator.diff({}, undefined))).toMatchObject({ code: 'invalid-entity', path: '' });
  expect(errorOf(() => calculator.diff(undefined, undefined))).toMatchObject({ code: 'invalid-entity', path: '' });
});

test.each(notJson.slice(0, -1))('diff refuses %s beside what is equal to it', (_, value, path) => {
  const clones = () => [
    { shared: 1, value: copyOf(value) },
    { shared: 1, value: copyOf(value) },
  ];
  const [before, after] = clones();
  expect(errorOf(() => calculator.diff(before, after))).toMatchObject({
    code: 'invalid-entity',
    path: `/value${path}`,
  });
  expect(errorOf(() => calculator.diff([before], [after]))).toMatchObject({ path: `/0/value${path}` });
});

/** A copy of plain containers that keeps what JSON cannot carry as it is. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}

test('diff refuses two values that contain themselves alike', () => {
  expect(errorOf(() => calculator.diff(cyclic, mirrored))).toMatchObject({
    code: 'invalid-entity',
    path: '/self/again',
  });
  expect(errorOf(() => calculator.diff([cyclic], [mirrored]))).toMatchObject({ path: '/0/self/again' });
});

test('diff refuses instances of classes that hold the same fields', () => {
  class Point {
    x = 1;
  }
  expect(errorOf(() => calculator.diff({ at: new Point() }, { at: new Point() }))).toMatchObject({ path: '/at' });
  expect(errorOf(() => calculator.diff({ at: { x: 1 } }, { at: new Point() }))).toMatchObject({ path: '/at' });
});

test('diff accepts 64 levels and refuses 65', () => {
  const nested = (levels: number, leaf: Json): Json => (levels === 0 ? leaf : { a: nested(levels - 1, leaf) });
  const leaf = '/a'.repeat(64);
  expect(calculator.diff(nested(64, 1), nested(64, 2))).toEqual([{ op: 'replace', path: leaf, value: 2 }]);
  expect(errorOf(() => calculator.diff(nested(65, 1), nested(65, 2)))).toMatchObject({ code: 'too-large', path: leaf });
  expect(errorOf(() => calculator.diff({}, nested(65, 2)))).toMatchObject({ code: 'too-large', path: leaf });
});

test('diff counts an undefined property as absent', () => {
  expect(calculator.diff({ a: undefined, b: 1 }, { b: 1, c: undefined })).toEqual([]);
  expect(calculator.diff({ a: 1 }, { a: undefined })).toEqual([{ op: 'remove', path: '/a' }]);
});

test('apply gives a new document and shares what the patch does not touch', () => {
  const document = deepFreeze({ name: 'Ada', tags: ['x'] });
  const result = calculator.apply(document, [{ op: 'replace', path: '/name', value: 'Grace' }]);
  expect(result).toEqual({ name: 'Grace', tags: ['x'] });
  expect(result.tags).toBe(document.tags);
  expect(errorOf(() => calculator.apply(document, [{ op: 'remove', path: '/age' }]))).toMatchObject({
    code: 'invalid-patch',
    path: '/age',
  });
});

test('merge takes one policy for all places, or policies by place', () => {
  const sides = [
    { n: 1, o: { x: 1 } },
    { n: 3, o: { x: 2 } },
    { n: 4, o: { x: 3 } },
  ] as const;
  expect(calculator.merge(...sides).merged).toEqual({ n: 4, o: { x: 3 } });
  expect(calculator.merge(...sides, 'client-wins').merged).toEqual({ n: 3, o: { x: 2 } });
  expect(calculator.merge(...sides, 'counter').merged).toEqual({ n: 6, o: { x: 4 } });
  expect(calculator.merge(...sides, (_, local) => [local ?? null]).merged).toEqual({ n: [3], o: { x: [2] } });
  expect(calculator.merge(...sides, { '/n': 'counter', '/o': 'client-wins' }).merged).toEqual({ n: 6, o: { x: 2 } });
  expect(calculator.merge(undefined, { a: 1 }, { b: 1 })).toEqual({ merged: { b: 1, a: 1 }, conflicts: [] });
});

test.each([0, 1, 2])('merge refuses what is not JSON on side %d', (index) => {
  const sides: [Json, Json, Json] = [{}, {}, {}];
  sides[index] = { when: new Date(0) as unknown as Json };
  expect(errorOf(() => calculator.merge(...sides))).toMatchObject({ code: 'invalid-entity', path: '/when' });
});
