import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText } from '../../src/core/canonical-text.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';
import { equalEntity, equalJson } from '../../src/core/equal.ts';
import { json } from './json-arbitraries.ts';
import { runProperty } from './run-property.ts';

const proto = (text: string): unknown => JSON.parse(text);

test.each<[a: unknown, b: unknown, equal: boolean]>([
  [1, 1, true],
  [0, -0, true],
  [1, '1', false],
  [null, undefined, false],
  [null, {}, false],
  [[], {}, false],
  [{}, [], false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: undefined, b: 1 }, { b: 1, c: undefined }, true],
  [{ a: undefined }, { a: null }, false],
  [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1 }] } }, true],
  [{ toString: 1 }, {}, false],
  [{}, proto('{"__proto__": {}}'), false],
  [proto('{"__proto__": {}}'), {}, false],
  [proto('{"__proto__": 1}'), proto('{"__proto__": 1}'), true],
])('%j and %j: %s', (a, b, equal) => {
  expect(equalJson(a, b)).toBe(equal);
});

test('values are equal exactly when their canonical texts are', () => {
  runProperty(fc.property(json, json, (a, b) => equalJson(a, b) === (canonicalText(a) === canonicalText(b))));
  runProperty(fc.property(json, (a) => canonicalText(a) === canonicalText(structuredClone(a))));
});

const entity = (fields: object): ISyncEntity => ({ id: 'a', updatedAt: '2024-01-01T00:00:00Z', ...fields });

test.each<[name: string, a: ISyncEntity | null, b: ISyncEntity | null, equal: boolean]>([
  ['nothing and nothing', null, null, true],
  ['nothing and an entity', null, entity({}), false],
  ['an entity and nothing', entity({}), null, false],
  ['other metadata', entity({ version: 1 }), entity({ version: 'b', updatedAt: 'later' }), true],
  ['metadata missing', entity({ version: 1 }), { id: 'a' } as ISyncEntity, true],
  ['another field', entity({ name: 'x' }), entity({ name: 'y' }), false],
  ['a field less', entity({ name: 'x' }), entity({}), false],
  ['a field more', entity({}), entity({ name: 'x' }), false],
  ['a field that is undefined', entity({}), entity({ name: undefined }), true],
  ['a field that was undefined', entity({ name: undefined }), entity({ name: 1 }), false],
  ['metadata further down', entity({ meta: { version: 1 } }), entity({ meta: { version: 2 } }), false],
])('S8 equality of entities: %s', (_, a, b, equal) => {
  expect(equalEntity(a, b)).toBe(equal);
});
