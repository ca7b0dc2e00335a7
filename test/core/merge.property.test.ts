import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalJson } from '../../src/core/equal.ts';
import type { Json } from '../../src/core/json.ts';
import { merge } from '../../src/core/merge.ts';
import { deepFreeze } from './deep-freeze.ts';
import { editOf, edited } from './edit-json.ts';
import { awkwardKey, json, jsonObject, plainKey, scalar } from './json-arbitraries.ts';
import { expectSeen, runProperty } from './run-property.ts';

const edits = fc.array(editOf(awkwardKey, json), { maxLength: 4 });
const sides = fc
  .tuple(jsonObject, edits, edits)
  .map(([base, here, there]) => deepFreeze([base, edited(base, here), edited(base, there)] as const));

test('what only one side changed is kept whole', () => {
  runProperty(
    fc.property(sides, ([base, local, remote]) => {
      expect(merge(base, base, remote)).toEqual({ merged: remote, conflicts: [] });
      expect(merge(base, local, base)).toEqual({ merged: local, conflicts: [] });
      expect(merge(base, local, local)).toEqual({ merged: local, conflicts: [] });
    }),
  );
});

test('changes of different fields merge alike from either side, without a conflict', () => {
  let merges = 0;
  const fields = fc.dictionary(plainKey, json, { noNullPrototype: true, minKeys: 2 });
  const split = fc.tuple(fields, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), json, json);
  runProperty(
    fc.property(split, ([base, picks, here, there]) => {
      const keys = Object.keys(base);
      const changed = (mine: boolean, value: Json) =>
        deepFreeze(Object.fromEntries(keys.map((key, index) => [key, picks[index] === mine ? value : base[key]])));
      const [local, remote] = [changed(true, here), changed(false, there)] as [Json, Json];
      const both = Object.fromEntries(keys.map((key, index) => [key, picks[index] ? here : there]));
      expect(merge(deepFreeze(base), local, remote)).toEqual({ merged: both, conflicts: [] });
      expect(merge(base, remote, local)).toEqual({ merged: both, conflicts: [] });
      if (!equalJson(base, local) && !equalJson(base, remote)) merges += 1;
    }),
  );
  expectSeen(merges, 100);
});

test('a merged value merges into the same side again as itself', () => {
  runProperty(
    fc.property(sides, fc.constantFrom('local', 'remote'), ([base, local, remote], later) => {
      const { merged } = merge(base, local, remote, { later });
      expect(merge(remote, merged, remote)).toEqual({ merged, conflicts: [] });
      expect(merge(base, merged, remote, { later }).merged).toEqual(merged);
    }),
  );
});

const objectTree = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(fc.tuple(plainKey, tie('tree')), { maxLength: 4 }).map((entries): Json => Object.fromEntries(entries)),
  ),
})).tree;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What both sides changed, told in another way: a path at which both differ from the base and from each other. */
function contested(base: unknown, local: unknown, remote: unknown, path = ''): string[] {
  const agree = JSON.stringify([sorted(local)]) === JSON.stringify([sorted(remote)]);
  const untouched = [local, remote].some((side) => JSON.stringify([sorted(side)]) === JSON.stringify([sorted(base)]));
  if (agree || untouched) return [];
  if (!isObject(local) || !isObject(remote)) return [path];
  const keys = new Set([...Object.keys(local), ...Object.keys(remote)]);
  const before = isObject(base) ? base : {};
  return [...keys].flatMap((key) => contested(before[key], local[key], remote[key], `${path}/${key}`));
}

function sorted(value: unknown): unknown {
  if (value === undefined) return { absent: true };
  if (!isObject(value)) return value;
  return Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key])]);
}

test('G6 every place that both sides changed is a conflict, and no other', () => {
  let conflicts = 0;
  const change = fc.array(editOf(plainKey, objectTree), { maxLength: 5 });
  const related = fc
    .tuple(objectTree, change, change)
    .map(([base, here, there]): [Json, Json, Json] => [base, edited(base, here), edited(base, there)]);
  runProperty(
    fc.property(fc.oneof(related, fc.tuple(objectTree, objectTree, objectTree)), ([base, local, remote]) => {
      const result = merge(base, local, remote);
      conflicts += result.conflicts.length;
      const before = base === null ? undefined : base;
      expect(result.conflicts.map(({ path }) => path).sort()).toEqual(contested(before, local, remote).sort());
    }),
    1_000,
  );
  expectSeen(conflicts, 200);
});

test('G6 a conflict tells three values that differ', () => {
  runProperty(
    fc.property(sides, ([base, local, remote]) => {
      for (const conflict of merge(base, local, remote).conflicts) {
        expect(equalJson(conflict.base, conflict.local)).toBe(false);
        expect(equalJson(conflict.base, conflict.remote)).toBe(false);
        expect(equalJson(conflict.local, conflict.remote)).toBe(false);
      }
    }),
  );
});

const rowsOf = (ids: readonly number[], text: string): Json => ids.map((id) => ({ id: `r${id}`, text }));
const rowIds = fc.uniqueArray(fc.nat(12), { maxLength: 10 });

test('rows: what one side put in or took out is so in the result, each row once', () => {
  runProperty(
    fc.property(rowIds, rowIds, rowIds, (before, here, there) => {
      const result = merge(rowsOf(before, 'x'), rowsOf(here, 'x'), rowsOf(there, 'x'));
      const ids = (result.merged as { id: string }[]).map(({ id }) => Number(id.slice(1)));
      const expected = [...new Set([...here, ...there])].filter(
        (id) => (here.includes(id) && there.includes(id)) || !before.includes(id),
      );
      expect([...ids].sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
      expect(result.conflicts.filter(({ path }) => path !== '')).toEqual([]);
    }),
    1_000,
  );
});

test('rows: both orders are kept where nothing was moved', () => {
  let woven = 0;
  const order = fc.uniqueArray(fc.nat(12), { minLength: 2, maxLength: 10 });
  const picks = fc.tuple(fc.array(fc.boolean(), { maxLength: 10 }), fc.array(fc.boolean(), { maxLength: 10 }));
  runProperty(
    fc.property(order, picks, (ids, [inHere, inThere]) => {
      const here = ids.filter((_, index) => inHere[index]);
      const there = ids.filter((_, index) => inThere[index]);
      const common = here.filter((id) => there.includes(id));
      const { merged, conflicts } = merge(rowsOf(common, 'x'), rowsOf(here, 'x'), rowsOf(there, 'x'));
      const result = (merged as { id: string }[]).map(({ id }) => Number(id.slice(1)));
      expect(conflicts).toEqual([]);
      expect(result.filter((id) => here.includes(id))).toEqual(here);
      expect(result.filter((id) => there.includes(id))).toEqual(there);
      if (here.length > common.length && there.length > common.length) woven += 1;
    }),
    1_000,
  );
  expectSeen(woven, 100);
});
