import fc from 'fast-check';
import type { Json } from '../../src/core/json.ts';

const awkwardKeys = ['__proto__', 'constructor', 'toString', 'length', '', '0', '-', 'a/b', 'm~n', '~1', 'id', 'ключ'];

export const plainKey: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e');

/** Names that trip an implementation, among plain ones. */
export const awkwardKey: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: plainKey },
  { weight: 1, arbitrary: fc.constantFrom(...awkwardKeys) },
);

export const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((value) => value + 0),
  fc.constantFrom<Json>(null, true, false, '', 'x', 'ü', 1.5, 1e300),
);

/** Arrays of objects with ids of their own. */
function rowsOf(value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const id = fc.oneof(fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'), fc.constantFrom(1, 2));
  const row = fc.tuple(id, value, fc.boolean());
  return fc
    .uniqueArray(row, { selector: ([rowId]) => rowId, maxLength: 8 })
    .map((rows) => rows.map(([rowId, text, hasText]): Json => (hasText ? { id: rowId, text } : { id: rowId })));
}

function jsonWith(key: fc.Arbitrary<string>): fc.Arbitrary<Json> {
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar,
      fc.array(tie('json'), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie('json')), { maxLength: 5 }).map((entries): Json => Object.fromEntries(entries)),
      rowsOf(scalar),
    ),
  }));
  return json;
}

/** Plain JSON, with names that trip an implementation. */
export const json: fc.Arbitrary<Json> = jsonWith(awkwardKey);

/** Plain JSON with ordinary names. */
export const tameJson: fc.Arbitrary<Json> = jsonWith(plainKey);

function objectOf(key: fc.Arbitrary<string>, value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc
    .array(fc.tuple(key, fc.oneof(value, rowsOf(value))), { minLength: 1, maxLength: 6 })
    .map((entries): Json => Object.fromEntries(entries));
}

/** A JSON object, with names that trip an implementation. */
export const jsonObject: fc.Arbitrary<Json> = objectOf(awkwardKey, json);

/** A JSON object with ordinary names. */
export const tameObject: fc.Arbitrary<Json> = objectOf(plainKey, tameJson);
