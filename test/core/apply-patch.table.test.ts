import { expect, test } from 'vitest';
import { applyPatch, maxPatchOperations } from '../../src/core/apply-patch.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { JsonPatch } from '../../src/core/json.ts';
import { deepFreeze } from './deep-freeze.ts';

const document = deepFreeze({ a: 1, list: [1, 2, 3], inner: { b: [{ c: 1 }], 'x/y': 1, 'm~n': 2 }, none: null });

const fitting: [name: string, patch: JsonPatch, changes: object][] = [
  ['add a property', [{ op: 'add', path: '/new', value: { x: 1 } }], { new: { x: 1 } }],
  ['add over a property', [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['add into an array', [{ op: 'add', path: '/list/1', value: 9 }], { list: [1, 9, 2, 3] }],
  ['add behind the last element', [{ op: 'add', path: '/list/3', value: 9 }], { list: [1, 2, 3, 9] }],
  ['append', [{ op: 'add', path: '/list/-', value: 9 }], { list: [1, 2, 3, 9] }],
  ['replace an element', [{ op: 'replace', path: '/list/0', value: 9 }], { list: [9, 2, 3] }],
  ['replace null', [{ op: 'replace', path: '/none', value: 0 }], { none: 0 }],
  [
    'replace deep inside',
    [{ op: 'replace', path: '/inner/b/0/c', value: 2 }],
    { inner: { ...document.inner, b: [{ c: 2 }] } },
  ],
  ['remove an element', [{ op: 'remove', path: '/list/1' }], { list: [1, 3] }],
  [
    'names with / and ~',
    [
      { op: 'replace', path: '/inner/x~1y', value: 5 },
      { op: 'replace', path: '/inner/m~0n', value: 6 },
    ],
    { inner: { ...document.inner, 'x/y': 5, 'm~n': 6 } },
  ],
  ['move within an array', [{ op: 'move', from: '/list/2', path: '/list/0' }], { list: [3, 1, 2] }],
  ['move to the end', [{ op: 'move', from: '/list/0', path: '/list/-' }], { list: [2, 3, 1] }],
  ['move to where it is', [{ op: 'move', from: '/list/0', path: '/list/0' }], {}],
  ['copy', [{ op: 'copy', from: '/inner/b/0', path: '/copied' }], { copied: { c: 1 } }],
  ['copy into an array', [{ op: 'copy', from: '/a', path: '/list/0' }], { list: [1, 1, 2, 3] }],
  [
    'copy, then change the copy',
    [
      { op: 'copy', from: '/inner/b', path: '/copied' },
      { op: 'replace', path: '/copied/0/c', value: 9 },
    ],
    { copied: [{ c: 9 }] },
  ],
  [
    'change, copy, then change both',
    [
      { op: 'replace', path: '/inner/b/0/c', value: 5 },
      { op: 'copy', from: '/inner', path: '/copied' },
      { op: 'replace', path: '/copied/b/0/c', value: 6 },
      { op: 'add', path: '/inner/b/-', value: 7 },
    ],
    { inner: { ...document.inner, b: [{ c: 5 }, 7] }, copied: { ...document.inner, b: [{ c: 6 }] } },
  ],
  ['test that holds', [{ op: 'test', path: '/inner', value: { 'm~n': 2, 'x/y': 1, b: [{ c: 1 }] } }], {}],
  ['test null', [{ op: 'test', path: '/none', value: null }], {}],
  ['nothing', [], {}],
];

test.each(fitting)('applyPatch: %s', (_, patch, changes) => {
  expect(applyPatch(document, deepFreeze(patch))).toEqual({ ...document, ...changes });
});

test('applyPatch: remove and move take a property away', () => {
  expect(applyPatch({ a: 1, b: 2 }, [{ op: 'remove', path: '/a' }])).toEqual({ b: 2 });
  expect(Object.keys(applyPatch({ a: 1, b: 2 }, [{ op: 'move', from: '/a', path: '/c' }]))).toEqual(['b', 'c']);
});

test.each<[name: string, patch: JsonPatch, result: unknown]>([
  ['add', [{ op: 'add', path: '', value: [1] }], [1]],
  ['replace', [{ op: 'replace', path: '', value: 1 }], 1],
  ['remove', [{ op: 'remove', path: '' }], null],
  ['move', [{ op: 'move', from: '/a', path: '' }], { b: 1 }],
  ['copy', [{ op: 'copy', from: '/a/b', path: '' }], 1],
  ['test', [{ op: 'test', path: '', value: { a: { b: 1 } } }], { a: { b: 1 } }],
  [
    'replace, then add',
    [
      { op: 'replace', path: '', value: {} },
      { op: 'add', path: '/x', value: 1 },
    ],
    { x: 1 },
  ],
  ['copy into itself', [{ op: 'copy', from: '', path: '/a/c' }], { a: { b: 1, c: { a: { b: 1 } } } }],
])('applyPatch: %s at the root', (_, patch, result) => {
  expect(applyPatch(deepFreeze({ a: { b: 1 } }) as unknown, deepFreeze(patch))).toEqual(result);
});

function failureOf(target: unknown, patch: unknown): { code: string; path: string | undefined; reason: unknown } {
  try {
    applyPatch(target, patch as JsonPatch);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { code: error.code, path: error.path, reason: (error.detail as { reason?: string } | undefined)?.reason };
  }
  return expect.unreachable('the patch was applied');
}

const value = 1;
test.each<[name: string, operation: unknown, path: string, reason: string]>([
  ['replace of nothing', { op: 'replace', path: '/x', value }, '/x', 'not-found'],
  ['remove of nothing', { op: 'remove', path: '/x' }, '/x', 'not-found'],
  ['add below nothing', { op: 'add', path: '/x/y', value }, '/x/y', 'not-found'],
  ['add below a scalar', { op: 'add', path: '/a/y', value }, '/a/y', 'not-found'],
  ['add below null', { op: 'add', path: '/none/y', value }, '/none/y', 'not-found'],
  ['move of nothing', { op: 'move', from: '/x', path: '/y' }, '/x', 'not-found'],
  ['copy of nothing', { op: 'copy', from: '/x', path: '/y' }, '/x', 'not-found'],
  ['test of nothing', { op: 'test', path: '/x', value }, '/x', 'not-found'],
  ['test that fails', { op: 'test', path: '/a', value: 2 }, '/a', 'test-failed'],
  ['test of another type', { op: 'test', path: '/a', value: '1' }, '/a', 'test-failed'],
  ['an index beyond the end', { op: 'add', path: '/list/4', value }, '/list/4', 'not-found'],
  ['an index with a zero in front', { op: 'replace', path: '/list/01', value }, '/list/01', 'not-found'],
  ['a negative index', { op: 'replace', path: '/list/-1', value }, '/list/-1', 'not-found'],
  ['an index with a sign', { op: 'replace', path: '/list/+1', value }, '/list/+1', 'not-found'],
  ['an index as a float', { op: 'replace', path: '/list/1.0', value }, '/list/1.0', 'not-found'],
  ['an index as hexadecimal', { op: 'replace', path: '/list/0x1', value }, '/list/0x1', 'not-found'],
  ['an index of 2^32', { op: 'replace', path: '/list/4294967296', value }, '/list/4294967296', 'not-found'],
  ['an empty index', { op: 'replace', path: '/list/', value }, '/list/', 'not-found'],
  ['remove of the place after the last', { op: 'remove', path: '/list/-' }, '/list/-', 'not-found'],
  ['the length of an array', { op: 'replace', path: '/list/length', value: 0 }, '/list/length', 'not-found'],
  ['a move onto the length', { op: 'move', from: '/a', path: '/list/length' }, '/list/length', 'not-found'],
  ['a method of an array', { op: 'add', path: '/list/push', value }, '/list/push', 'not-found'],
  ['a move into itself', { op: 'move', from: '/inner', path: '/inner/b/0' }, '/inner/b/0', 'malformed'],
  ['a move of the root', { op: 'move', from: '', path: '/x' }, '/x', 'malformed'],
  ['a move behind the shortened end', { op: 'move', from: '/list/0', path: '/list/3' }, '/list/3', 'not-found'],
  ['the constructor', { op: 'add', path: '/constructor/assign', value }, '/constructor/assign', 'not-found'],
  ['the prototype', { op: 'add', path: '/__proto__/x', value }, '/__proto__/x', 'not-found'],
  [
    'the prototype of the constructor',
    { op: 'add', path: '/constructor/prototype/x', value },
    '/constructor/prototype/x',
    'not-found',
  ],
  ['copy of a method', { op: 'copy', from: '/toString', path: '/x' }, '/toString', 'not-found'],
  ['an unknown operation', { op: 'spam', path: '/a' }, '/a', 'malformed'],
  ['an operation named as a method', { op: 'constructor', path: '/a' }, '/a', 'malformed'],
  ['an operation for internal use elsewhere', { op: '_get', path: '/a' }, '/a', 'malformed'],
  ['no operation', { path: '/a' }, '/a', 'malformed'],
  ['no value', { op: 'add', path: '/a' }, '/a', 'malformed'],
  ['an undefined value', { op: 'add', path: '/a', value: undefined }, '/a', 'malformed'],
  ['no path', { op: 'remove' }, '', 'malformed'],
  ['a path that is a list', { op: 'remove', path: ['a'] }, '', 'malformed'],
  ['no from', { op: 'move', path: '/a' }, '', 'malformed'],
  ['an inherited path', Object.assign(Object.create({ path: '/a' }), { op: 'remove' }), '', 'malformed'],
  ['null', null, '', 'malformed'],
  ['a list', [], '', 'malformed'],
  ['a text', 'remove', '', 'malformed'],
  ['65 levels', { op: 'add', path: '/a'.repeat(65), value }, '/a'.repeat(65), 'too-large'],
])('applyPatch refuses %s', (_, operation, path, reason) => {
  expect(failureOf(document, [operation])).toEqual({ code: 'invalid-patch', path, reason });
});

test.each<[name: string, patch: unknown, path: string]>([
  ['no list', { op: 'remove', path: '/a' }, ''],
  ['null', null, ''],
  ['a pointer without a slash', [{ op: 'remove', path: 'a' }], 'a'],
  ['a pointer with a lonely ~', [{ op: 'remove', path: '/a~' }], '/a~'],
  ['a value that is no JSON', [{ op: 'add', path: '/x', value: { list: [new Date(0)] } }], '/x/list/0'],
  ['a value that is not finite', [{ op: 'add', path: '/x', value: Number.NaN }], '/x'],
])('applyPatch refuses %s', (_, patch, path) => {
  expect(failureOf(document, patch)).toEqual({ code: 'invalid-patch', path, reason: undefined });
});

test('applyPatch: all operations take effect or none', () => {
  const target = { a: 1 };
  const patch = [
    { op: 'replace', path: '/a', value: 2 },
    { op: 'remove', path: '/b' },
  ] as const;
  expect(failureOf(target, patch)).toEqual({ code: 'invalid-patch', path: '/b', reason: 'not-found' });
  expect(target).toEqual({ a: 1 });
});

test('applyPatch: only the way to the change is copied', () => {
  const target = { left: { deep: [1] }, right: { deep: [1] } };
  const result = applyPatch(target, [{ op: 'replace', path: '/left/deep/0', value: 2 }]);
  expect(result.right).toBe(target.right);
  expect(result.left).not.toBe(target.left);
  expect(applyPatch(target, [])).toBe(target);
  expect(applyPatch(target, [{ op: 'test', path: '/left/deep/0', value: 1 }])).toBe(target);
});

test('G22 a value of a patch is not changed by a later operation of it', () => {
  const patch = deepFreeze([
    { op: 'add', path: '/x', value: { list: [1] } },
    { op: 'add', path: '/x/list/-', value: 2 },
  ] as const);
  expect(applyPatch({}, patch)).toEqual({ x: { list: [1, 2] } });
});

test('G22 __proto__ is a name like any other', () => {
  const target = JSON.parse('{"__proto__": {"x": 1}}') as object;
  const apply = (patch: JsonPatch) => JSON.stringify(applyPatch(target, patch));
  expect(apply([{ op: 'replace', path: '/__proto__/x', value: 2 }])).toBe('{"__proto__":{"x":2}}');
  expect(apply([{ op: 'add', path: '/__proto__/y', value: 2 }])).toBe('{"__proto__":{"x":1,"y":2}}');
  expect(apply([{ op: 'replace', path: '/__proto__', value: 5 }])).toBe('{"__proto__":5}');
  expect(apply([{ op: 'remove', path: '/__proto__' }])).toBe('{}');
  expect(apply([{ op: 'move', from: '/__proto__', path: '/a' }])).toBe('{"a":{"x":1}}');
  const added = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { admin: true } }]) as Record<string, unknown>;
  expect(Object.getPrototypeOf(added)).toBe(Object.prototype);
  expect(added['admin']).toBe(undefined);
  expect(JSON.stringify(added)).toBe('{"__proto__":{"admin":true}}');
});

test('G22 100,000 operations are applied and one more refused', () => {
  const patch = Array.from({ length: maxPatchOperations }, () => ({ op: 'replace', path: '/a', value: 2 }) as const);
  expect(applyPatch({ a: 1 }, patch)).toEqual({ a: 2 });
  expect(failureOf({ a: 1 }, [...patch, patch[0]])).toEqual({ code: 'invalid-patch', path: '', reason: 'too-large' });
});

test('G22 a value may not reach below 64 levels, wherever it is put', () => {
  const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  expect(applyPatch({}, [{ op: 'add', path: '/a', value: nested(63) as never }])).toEqual({ a: nested(63) });
  expect(failureOf({ a: {} }, [{ op: 'add', path: '/a/b', value: nested(63) }]).code).toBe('invalid-patch');
  expect(failureOf({}, [{ op: 'add', path: '', value: nested(100_000) }]).code).toBe('invalid-patch');
  const deep = { a: nested(60), b: { c: { d: { e: {} } } } };
  for (const op of ['move', 'copy']) {
    expect(failureOf(deep, [{ op, from: '/a', path: '/b/c/d/e/f' }]).reason).toBe('too-large');
  }
});

test('G22 a small patch cannot ask for much work', () => {
  const growing = Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '', path: index % 2 ? '/a' : '/b' }));
  expect(failureOf({ a: 1, b: 1 }, growing).reason).toBe('too-large');
  const text = { text: 'x'.repeat(100_000) };
  const copies = Array.from({ length: 1_000 }, (_, index) => ({ op: 'copy', from: '/text', path: `/${index}` }));
  expect(failureOf(text, copies).reason).toBe('too-large');
  const long = Array.from({ length: 200_000 }, () => 0);
  const shifts = Array.from({ length: 50_000 }, () => ({ op: 'add', path: '/0', value: 1 }));
  expect(failureOf(long, shifts).reason).toBe('too-large');
  const wide = Object.fromEntries(long.map((_, index) => [`k${index}`, 0]));
  const tests = Array.from({ length: 10_000 }, () => ({ op: 'test', path: '', value: wide }));
  expect(failureOf(wide, tests).reason).toBe('too-large');
});
