import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertCollection, assertEntityId, readEntity, readJson } from '../../src/core/entity-input.ts';
import { deepFreeze } from './deep-freeze.ts';
import { errorOf } from './error-of.ts';
import { json } from './json-arbitraries.ts';
import { runProperty } from './run-property.ts';

class Point {
  x = 1;
}

const cyclic: Record<string, unknown> = { id: 'a', child: { list: [] } };
(cyclic['child'] as { list: unknown[] }).list.push(cyclic['child']);

// oxlint-disable-next-line no-sparse-arrays
const sparse = [1, , 3];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

test.each<[name: string, value: unknown, path: string]>([
  ['a Date', { when: new Date(0) }, '/when'],
  ['a Map', { tags: [new Map()] }, '/tags/0'],
  ['a Set', { tags: new Set() }, '/tags'],
  ['an instance of a class', { at: { point: new Point() } }, '/at/point'],
  ['a boxed string', { name: Object('x') }, '/name'],
  ['a typed array', { bytes: new Uint8Array(1) }, '/bytes'],
  ['a promise', { later: Promise.resolve() }, '/later'],
  ['a BigInt', { count: 1n }, '/count'],
  ['NaN', { 'a/b': { 'm~n': Number.NaN } }, '/a~1b/m~0n'],
  ['Infinity', { list: [1, Infinity] }, '/list/1'],
  ['a function', { call: () => 1 }, '/call'],
  ['a method', { toJSON: () => 1 }, '/toJSON'],
  ['a symbol', { tag: Symbol('x') }, '/tag'],
  ['undefined in an array', { list: [1, undefined] }, '/list/1'],
  ['a hole in an array', { list: sparse }, '/list/1'],
  ['a cycle', { ...cyclic }, '/child/list/0'],
])('entity with %s is refused with its pointer', (_, fields, path) => {
  const error = errorOf(() => readEntity('users', { id: 'a', ...(fields as object) }));
  expect({ code: error.code, path: error.path, collection: error.collection, retryable: error.retryable }).toEqual({
    code: 'invalid-entity',
    path,
    collection: 'users',
    retryable: false,
  });
  expect(error.message).toContain(path);
});

const trap = new Error('trap');
const throwing = (): never => {
  throw trap;
};
const hostileClass = Object.create({
  get constructor() {
    return throwing();
  },
});

test.each<[name: string, value: unknown]>([
  ['a getter that throws', Object.defineProperty({ id: 'a' }, 'x', { get: throwing, enumerable: true })],
  ['a proxy that throws', new Proxy({ id: 'a' }, { get: throwing })],
  ['a proxy that throws of its keys', { id: 'a', child: new Proxy({}, { ownKeys: throwing }) }],
  ['a class whose name throws', { id: 'a', child: hostileClass }],
])('S20 entity with %s is refused, with what was thrown as the cause', (_, value) => {
  const error = errorOf(() => readEntity('users', value));
  expect([error.code, error.path, error.collection, error.cause]).toEqual(['invalid-entity', '', 'users', trap]);
});

test.each([undefined, null, 1, 'a', true, [], () => 1])('%j is no entity', (input) => {
  expect(errorOf(() => readEntity('users', input))).toMatchObject({ code: 'invalid-entity', path: '' });
});

test.each<[name: string, id: unknown]>([
  ['missing', undefined],
  ['null', null],
  ['a number', 1],
  ['empty', ''],
  ['.', '.'],
  ['..', '..'],
  ['257 bytes', 'x'.repeat(257)],
  ['257 bytes of two each', `${'é'.repeat(128)}x`],
  ['half a surrogate pair', 'a\ud83d'],
  ['the other half', '\ude00a'],
])('S42 an id that is %s is refused', (_, id) => {
  expect(errorOf(() => readEntity('users', { id }))).toMatchObject({
    code: 'invalid-id',
    path: '/id',
    collection: 'users',
  });
  expect(errorOf(() => assertEntityId('users', id))).toMatchObject({ code: 'invalid-id' });
});

test.each(['a', '__proto__', 'constructor', '😀', '../x', 'a/b', '...', ' ', 'x'.repeat(256), 'é'.repeat(128)])(
  'S42 the id %j is plain data',
  (id) => expect(readEntity('users', { id })).toEqual({ id }),
);

test('the id is an own property', () => {
  expect(errorOf(() => readEntity('users', Object.create({ id: 'a' })))).toMatchObject({ code: 'invalid-entity' });
});

test.each(['a', 'users', 'A-Z_9', 'x'.repeat(64)])('S41 the collection name %j is accepted', (name) => {
  expect(assertCollection(name)).toBe(undefined);
});

test.each(['', 'a b', 'a/b', 'ü', 'a.b', 'users\n', 'x'.repeat(65), 1, null, undefined])(
  'S41 the collection name %j is refused',
  (name) => expect(errorOf(() => assertCollection(name))).toMatchObject({ code: 'invalid-collection' }),
);

test('64 levels are accepted and 65 refused', () => {
  expect(readEntity('users', { id: 'a', deep: nested(63) })).toEqual({ id: 'a', deep: nested(63) });
  const error = errorOf(() => readEntity('users', { id: 'a', deep: nested(64) }));
  expect(error).toMatchObject({ code: 'too-large', path: `/deep${'/0'.repeat(63)}` });
  expect(errorOf(() => readEntity('users', { id: 'a', deep: nested(100_000) }))).toMatchObject({ code: 'too-large' });
});

test.each<[name: string, character: string, bytesEach: number]>([
  ['one byte', 'x', 1],
  ['two bytes', 'é', 2],
  ['three bytes', '€', 3],
  ['four bytes', '😀', 4],
  ['an escape', '\n', 2],
])('1 MiB of characters of %s is accepted and a byte more refused', (_, character, bytesEach) => {
  const room = 1024 * 1024 - '{"id":"a","text":""}'.length;
  const rest = 'x'.repeat(room % bytesEach);
  const text = character.repeat(Math.floor(room / bytesEach)) + rest;
  expect(readEntity('users', { id: 'a', text }).id).toBe('a');
  expect(errorOf(() => readEntity('users', { id: 'a', text: `${text}x` }))).toMatchObject({
    code: 'too-large',
    path: '',
  });
});

test('values that share parts are refused by their size in bounded time', () => {
  let shared: unknown = 'x';
  for (let level = 0; level < 60; level += 1) shared = [shared, shared];
  expect(errorOf(() => readEntity('users', { id: 'a', shared }))).toMatchObject({ code: 'too-large' });
  expect(errorOf(() => readJson(Array.from({ length: 2 ** 21 })))).toMatchObject({ code: 'too-large' });
});

test('a cycle is named as such, however large what it goes through', () => {
  const large: Record<string, unknown> = { id: 'a', text: 'x'.repeat(100_000) };
  large['self'] = { again: large };
  expect(errorOf(() => readEntity('users', large))).toMatchObject({ code: 'invalid-entity', path: '/self/again' });
});

test('undefined properties are left out, at any depth', () => {
  const input = { id: 'a', gone: undefined, inner: { kept: null, gone: undefined, list: [{ gone: undefined }] } };
  const entity = readEntity('users', input);
  expect(Object.keys(entity)).toEqual(['id', 'inner']);
  expect(JSON.stringify(entity)).toBe('{"id":"a","inner":{"kept":null,"list":[{}]}}');
});

test('the copy shares nothing with what was handed in', () => {
  const input = { id: 'a', list: [{ x: 1 }], inner: { y: 1 } };
  const entity = readEntity('users', input);
  input.list[0]!.x = 2;
  input.inner.y = 2;
  expect(entity).toEqual({ id: 'a', list: [{ x: 1 }], inner: { y: 1 } });
});

test('S8 metadata of the caller is passed on where it has the right type', () => {
  const metadata = { updatedAt: '2024-01-01T00:00:00.000Z', version: 3 };
  expect(readEntity('users', { id: 'a', ...metadata })).toEqual({ id: 'a', ...metadata });
  expect(readEntity('users', { id: 'a', version: 'v1' })).toEqual({ id: 'a', version: 'v1' });
  expect(readEntity('users', { id: 'a', name: 'x', updatedAt: 5, version: null })).toEqual({ id: 'a', name: 'x' });
});

test('G22 a field named __proto__ stays data', () => {
  const entity = readEntity('users', JSON.parse('{"id":"a","__proto__":{"admin":true},"inner":{"__proto__":[1]}}'));
  expect(Object.keys(entity)).toEqual(['id', '__proto__', 'inner']);
  expect(Object.getPrototypeOf(entity)).toBe(Object.prototype);
  expect((entity as Record<string, unknown>)['admin']).toBe(undefined);
  expect(JSON.stringify(entity)).toBe('{"id":"a","__proto__":{"admin":true},"inner":{"__proto__":[1]}}');
});

test('objects without a prototype and getters are read as plain data', () => {
  const bare = Object.assign(Object.create(null), { id: 'a', n: 1 });
  expect(readEntity('users', bare)).toEqual({ id: 'a', n: 1 });
  const computed = {
    id: 'a',
    get name() {
      return 'x';
    },
  };
  const entity = readEntity('users', computed);
  expect(Object.getOwnPropertyDescriptor(entity, 'name')).toMatchObject({ value: 'x', writable: true });
});

test('G16 the message names the place and never the value', () => {
  const error = errorOf(() => readEntity('users', { id: 'a', secret: { token: [1n], key: 'canary' } }));
  expect(error.message).not.toContain('canary');
});

test('any JSON value is read as JSON.parse would read its text', () => {
  runProperty(
    fc.property(json, (value) => {
      const copy = readJson(deepFreeze(value));
      expect(copy).toEqual(JSON.parse(JSON.stringify(value)));
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    }),
  );
  expect(Object.is(readJson(-0), 0)).toBe(true);
  expect(readJson([{ a: -0 }, -0])).toEqual([{ a: 0 }, 0]);
});
