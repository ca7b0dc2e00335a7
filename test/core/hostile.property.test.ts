import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import { createDiffCalculator } from '../../src/core/diff-calculator.ts';
import { readEntity } from '../../src/core/entity-input.ts';
import type { Json, JsonPatch } from '../../src/core/json.ts';
import { formatPointer } from '../../src/core/pointer.ts';
import { deepFreeze } from './deep-freeze.ts';
import {
  expectBuiltInsUntouched,
  hostileInputs,
  hostileObject,
  hostileToken,
  hostileValue,
  onlySyncErrors,
} from './hostile.ts';
import { expectSeen, runProperty } from './run-property.ts';

const hostilePointer = fc.oneof(
  fc.constantFrom('', '/list', '/list/0', '/list/-', '/inner', '/__proto__', '/constructor', '/toString', '/new'),
  fc.array(hostileToken, { maxLength: 5 }).map(formatPointer),
  fc.constantFrom('~', 'list', '/~2', '#/list', '/list/~', '/'.repeat(500), '/inner'.repeat(64)),
);

const hostileOperation = fc.record({
  op: fc.constantFrom('add', 'add', 'replace', 'remove', 'move', 'copy', 'copy', 'test', '_get', 'constructor'),
  path: hostilePointer,
  from: hostilePointer,
  value: hostileValue,
});
const hostilePatch = fc.oneof(
  fc.array(hostileOperation, { minLength: 1, maxLength: 3 }),
  fc.tuple(hostileOperation, fc.constantFrom(100, 2_000)).map(([operation, count]) => Array(count).fill(operation)),
);

const documents = deepFreeze<Json[]>([
  {},
  [],
  { list: [1, [2], { x: 3 }], inner: { inner: { list: [] } } },
  JSON.parse('{"__proto__": {"list": [1]}, "constructor": {"prototype": {"assign": 1}}, "toString": [1], "length": 3}'),
  [[], {}, JSON.parse('{"__proto__": []}')],
]);

test('G22 hostile patches change no prototype, hang nothing, overflow no stack', () => {
  const counts = { applied: 0, refused: 0 };
  runProperty(
    fc.property(fc.constantFrom(...documents), hostilePatch, (document, patch) => {
      const applied = onlySyncErrors(() => applyPatch(document, patch as JsonPatch));
      counts[applied ? 'applied' : 'refused'] += 1;
      expectBuiltInsUntouched();
    }),
    hostileInputs,
  );
  expectSeen(counts.applied, 50);
  expectSeen(counts.refused, 1_000);
});

test('G22 hostile entities change no prototype, hang nothing, overflow no stack', () => {
  const counts = { read: 0, refused: 0 };
  const hostileEntity = fc.oneof(
    hostileObject.map((fields): unknown => ({ id: 'a', ...(fields as object) })),
    hostileValue.map((field): unknown => ({ id: 'a', field })),
    fc.anything({ withMap: true, withDate: true, withBigInt: true, withNullPrototype: true, withSparseArray: true }),
  );
  runProperty(
    fc.property(hostileEntity, (input) => {
      const read = onlySyncErrors(() => JSON.stringify(readEntity('users', input)));
      counts[read ? 'read' : 'refused'] += 1;
      expectBuiltInsUntouched();
    }),
    hostileInputs,
  );
  expectSeen(counts.read, 100);
  expectSeen(counts.refused, 100);
});

test('G22 hostile values are compared and merged without harm', () => {
  const calculator = createDiffCalculator();
  const counts = { done: 0, refused: 0 };
  const value = fc.oneof(hostileValue, hostileObject, fc.constantFrom(...documents));
  runProperty(
    fc.property(value, value, value, (base, local, remote) => {
      const compared = onlySyncErrors(() => applyPatch(local, calculator.diff(local, remote)));
      const merged = onlySyncErrors(() => calculator.merge(base, local, remote));
      counts[compared && merged ? 'done' : 'refused'] += 1;
      expectBuiltInsUntouched();
    }),
    hostileInputs / 4,
  );
  expectSeen(counts.done, 50);
  expectSeen(counts.refused, 50);
});

function sharing(levels: number): Json {
  let value: Json = ['x'];
  for (let level = 0; level < levels; level += 1) value = [value, { left: value, right: value }];
  return value;
}

test('G22 values that share parts are refused by their size, wherever they come in', () => {
  const calculator = createDiffCalculator();
  const large = { code: 'too-large' };
  expect(() => readEntity('users', { id: 'a', field: sharing(25) })).toThrow(expect.objectContaining(large));
  expect(() => calculator.diff({ a: sharing(25) }, { b: 1 })).toThrow(expect.objectContaining(large));
  expect(() => calculator.diff({ a: sharing(25) }, { a: sharing(25) })).toThrow(expect.objectContaining(large));
  expect(() => calculator.merge({}, sharing(25), {})).toThrow(expect.objectContaining(large));
  const patch = [{ op: 'add', path: '/a', value: sharing(25) }] as const;
  expect(() => applyPatch({}, patch)).toThrow(expect.objectContaining({ code: 'invalid-patch' }));
});
