import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConflictRecord, ConflictStrategy, FieldPolicies, FieldPolicy } from '../../src/index.ts';
import { comeApart, fieldsOf, type Fields, type Route, type Sides } from './conflict-world.ts';
import { expectSeen, runAsyncProperty } from '../core/run-property.ts';

const fields: fc.Arbitrary<Fields> = fc.record(
  {
    a: fc.integer({ min: 0, max: 2 }),
    b: fc.integer({ min: 0, max: 2 }),
    o: fc.record({ x: fc.integer({ min: 0, max: 1 }), y: fc.integer({ min: 0, max: 1 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const side = fc.option(fields, { freq: 5 });

/** Strategies, and what each of them wants of a conflict; undefined: that is for the merge to say. */
const strategies: readonly (readonly [ConflictStrategy, ((sides: Sides) => Fields | null) | undefined])[] = [
  ['merge', undefined],
  ['last-write-wins', ({ remote }) => remote],
  ['client-wins', ({ local }) => local],
  ['server-wins', ({ remote }) => remote],
  ['manual', undefined],
  [
    ({ local, remote }) => ({ entity: local && remote ? ({ ...local, both: true } as never) : null }),
    ({ local, remote }) => (local && remote ? { ...local, both: true } : null),
  ],
];

/** How single fields are decided, where the strategy merges. */
const policies: fc.Arbitrary<FieldPolicies | undefined> = fc.option(
  fc.dictionary(
    fc.constantFrom('/a', '/b', '/o', '/o/x'),
    fc.constantFrom<FieldPolicy>('client-wins', 'server-wins', 'last-write-wins', 'counter', 'manual', () => 7),
    { maxKeys: 2, noNullPrototype: true },
  ),
  { nil: undefined },
);

const same = (one: unknown, other: unknown) => canonical(one) === canonical(other);

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${key}:${canonical(child)}`).join()}}`;
}

/** What of a side's change, told as paths and values, the result does not say. */
function lostOf(before: Fields | null, after: Fields | null, result: Fields | null): string[] {
  const leaves = (value: unknown, path: string): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}/${key}`))
      : [[path, value]];
  const [was, is, now] = [before, after, result].map((each) => new Map(leaves(each ?? {}, '')));
  if (!was || !is || !now) return [];
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path));
  return changed.filter((path) => now.get(path) !== is.get(path));
}

test('G6 no conflict is silent: what one side did and the result does not say is in a record, under any strategy', async () => {
  const seen = { lost: 0, records: 0, quiet: 0, resolved: 0, told: 0 };
  await runAsyncProperty(
    fc.asyncProperty(
      side,
      side,
      side,
      fc.constantFrom<Route>('refusal', 'pull', 'frame'),
      fc.constantFrom(...strategies),
      policies,
      async (base, local, remote, route, [strategy, wanted], fieldPolicies) => {
        fc.pre(!same(base, local) && !same(base, remote) && (base !== null || (local !== null && remote !== null)));
        const { world, sync } = await comeApart({ base, local, remote }, route, {
          collections: { tasks: { conflict: strategy, ...(fieldPolicies && { fields: fieldPolicies }) } },
        });
        const records = sync.conflicts.list();
        const result = fieldsOf(world.backend.record('tasks', '1')?.entity);
        const lost = [...lostOf(base, local, result), ...lostOf(base, remote, result)];
        const isDeletion = local === null || remote === null;
        if (lost.length > 0 || (isDeletion && local !== remote)) {
          seen.lost += 1;
          expect(records.length).toBe(1);
        }
        for (const record of records) {
          seen.records += 1;
          if (record.status === 'resolved') seen.resolved += 1;
          if (route === 'frame') seen.told += 1;
          expectTold(record, { base, local, remote }, result);
        }
        if (records.length === 0) seen.quiet += 1;
        if (records.length === 1 && wanted) expect(result).toEqual(wanted({ base, local, remote }));
        expect(sync.queue.size).toBe(records.filter(({ status }) => status === 'open').length);
        await sync.close();
      },
    ),
    300,
  );
  expectSeen(Math.min(...Object.values(seen)), 5);
});

function expectTold(record: ConflictRecord, sides: Sides, result: Fields | null): void {
  expect([record.base, record.local, record.remote].map(fieldsOf)).toEqual([sides.base, sides.local, sides.remote]);
  expect(record).toHaveProperty('detectedAt');
  expect('resolved' in record).toBe(record.status === 'resolved');
  if (record.status === 'resolved') expect(fieldsOf(record.resolved)).toEqual(result);
}
