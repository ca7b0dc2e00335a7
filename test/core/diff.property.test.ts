import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import { createDiffCalculator } from '../../src/core/diff-calculator.ts';
import { diff } from '../../src/core/diff.ts';
import { equalJson } from '../../src/core/equal.ts';
import type { Json } from '../../src/core/json.ts';
import { deepFreeze } from './deep-freeze.ts';
import { editOf, edited } from './edit-json.ts';
import { awkwardKey, json, jsonObject, plainKey, tameJson, tameObject } from './json-arbitraries.ts';
import { expectSeen, runProperty } from './run-property.ts';

const related = (document: fc.Arbitrary<Json>, key: fc.Arbitrary<string>, value: fc.Arbitrary<Json>) =>
  fc
    .tuple(document, fc.array(editOf(key, value), { maxLength: 6 }))
    .map(([before, edits]) => deepFreeze([before, edited(before, edits)] as const));

const pair = fc.oneof(related(jsonObject, awkwardKey, json), fc.tuple(json, json).map(deepFreeze));
const tamePair = related(tameObject, plainKey, tameJson);

test('the patch leads from one value to the other, and neither is changed', () => {
  let changed = 0;
  runProperty(
    fc.property(pair, ([before, after]) => {
      const patch = deepFreeze(diff(before, after));
      if (patch.length > 0) changed += 1;
      expect(applyPatch(before, patch)).toEqual(after);
    }),
    2_000,
  );
  expectSeen(changed, 100);
});

test('the patch is empty exactly when the values say the same', () => {
  runProperty(fc.property(pair, ([before, after]) => (diff(before, after).length === 0) === equalJson(before, after)));
  runProperty(fc.property(json, (value) => diff(value, structuredClone(value)).length === 0));
});

test('looking at what the values are made of changes nothing of the patch', () => {
  const calculator = createDiffCalculator();
  runProperty(
    fc.property(pair, ([before, after]) => {
      expect(calculator.diff(before, after)).toEqual(diff(before, after));
    }),
  );
});

test('fast-json-patch reads our patches as we do', () => {
  runProperty(
    fc.property(tamePair, ([before, after]) => {
      const patch = structuredClone(diff(before, after)) as Parameters<typeof jsonpatch.applyPatch>[1];
      expect(jsonpatch.applyPatch(structuredClone(before), patch, true).newDocument).toEqual(after);
    }),
    1_000,
  );
});

test('patches of fast-json-patch lead where they say', () => {
  runProperty(
    fc.property(tamePair, ([before, after]) => {
      const patch = jsonpatch.compare(before as object, after as object) as ReturnType<typeof diff>;
      expect(applyPatch(before, patch)).toEqual(after);
    }),
    1_000,
  );
});

const rowIds = fc.uniqueArray(fc.nat(30), { maxLength: 20 });
const rows = (ids: readonly number[]) => ids.map((id) => ({ id: `r${id}`, text: `text ${id}` }));

test('rows cost one operation each to put in, to take out and to move', () => {
  let moves = 0;
  runProperty(
    fc.property(rowIds, rowIds, (idsBefore, idsAfter) => {
      const [before, after] = [rows(idsBefore), rows(idsAfter)];
      const patch = diff(before, after);
      moves += patch.filter(({ op }) => op === 'move').length;
      expect(applyPatch(before, patch)).toEqual(after);
      expect(patch.length).toBeLessThanOrEqual(new Set([...idsBefore, ...idsAfter]).size);
      const counts = (op: string) => patch.filter((operation) => operation.op === op).length;
      expect(counts('remove')).toBe(idsBefore.filter((id) => !idsAfter.includes(id)).length);
      expect(counts('add')).toBe(idsAfter.filter((id) => !idsBefore.includes(id)).length);
    }),
    2_000,
  );
  expectSeen(moves, 100);
});

test('a shuffle moves no more rows than it has to', () => {
  const shuffled = fc.nat(12).chain((size) => {
    const ids = Array.from({ length: size }, (_, index) => index);
    return fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: size }));
  });
  runProperty(
    fc.property(shuffled, ([ids, order]) => {
      const patch = diff(rows(ids), rows(order));
      expect(applyPatch(rows(ids), patch)).toEqual(rows(order));
      expect(patch.length).toBeLessThanOrEqual(ids.length - longestRun(order));
    }),
    1_000,
  );
});

function longestRun(order: readonly number[]): number {
  const lengths: number[] = [];
  for (const [index, value] of order.entries()) {
    const earlier = lengths.filter((_, before) => (order[before] as number) < value);
    lengths[index] = 1 + Math.max(0, ...earlier);
  }
  return Math.max(0, ...lengths);
}
