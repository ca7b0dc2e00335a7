import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePatchBetween, mergePatchOf } from '../../../src/adapters/rest/merge-patch.ts';
import { diff } from '../../../src/core/diff.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { expectSeen, runProperty } from '../../core/run-property.ts';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a backend does with a merge patch: the algorithm of RFC 7396, section 2. */
function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value);
  }
  return result;
}

const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a/b', '~', 'constructor', ''), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }) as fc.Arbitrary<JsonObject>,
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.array(
      fc.oneof(
        fc.constant(null),
        fc.integer({ min: 0, max: 3 }),
        fc.record({ id: fc.constantFrom('x', 'y'), n: fc.nat(2) }),
      ),
      {
        maxLength: 4,
      },
    ),
    tie('object'),
  ) as fc.Arbitrary<Json>,
}));

test('a merge patch leads to what the JSON Patch does, or is known not to', () => {
  let direct = 0;
  runProperty(
    fc.property(object, object, (before, after) => {
      expect(applyMergePatch(before, mergePatchBetween(before, after))).toEqual(after);
      const merge = mergePatchOf(diff(before, after), after);
      if (merge === null) return;
      direct += 1;
      expect(applyMergePatch(before, merge)).toEqual(after);
    }),
    2_000,
  );
  expectSeen(direct, 1_000);
});

test.each([
  [{ a: 1 }, { a: null }, '/a'],
  [{}, { a: { b: null } }, '/a/b'],
  [{ a: { b: 1 } }, { a: { b: null } }, '/a/b'],
  [{ a: {} }, { a: { 'b/c': { '~': null } } }, '/a/b~1c/~0'],
])('G22 from %j to %j a merge patch cannot lead', (before, after, path) => {
  const refused = expect.objectContaining({ code: 'invalid-patch', path });
  expect(() => mergePatchOf(diff(before, after), after)).toThrow(refused);
  expect(() => mergePatchBetween(before, after)).toThrow(refused);
});

test('G22 a key of the prototype is data', () => {
  const before = JSON.parse('{"__proto__":{"x":1},"a":1}') as JsonObject;
  const after = JSON.parse('{"__proto__":{"x":2},"a":1}') as JsonObject;
  const merge = mergePatchOf(diff(before, after), after);
  expect(JSON.stringify(merge)).toBe('{"__proto__":{"x":2}}');
  expect(JSON.stringify(mergePatchBetween(before, after))).toBe('{"__proto__":{"x":2}}');
  expect(({} as { x?: unknown }).x).toBeUndefined();
});
