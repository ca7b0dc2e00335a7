import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConflictRecord, ConflictStrategy } from '../../src/index.ts';
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
  const seen = { lost: 0, records: 0, quiet: 0 };
  await runAsyncProperty(
    fc.asyncProperty(
      side,
      side,
      side,
      fc.constantFrom<Route>('refusal', 'pull'),
      fc.constantFrom(...strategies),
      async (base, local, remote, route, [strategy, wanted]) => {
        fc.pre(!same(base, local) && !same(base, remote) && (base !== null || (local !== null && remote !== null)));
        const { world, sync } = await comeApart({ base, local, remote }, route, { conflict: strategy });
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
          expectTold(record, { base, local, remote });
        }
        if (records.length === 0) seen.quiet += 1;
        if (records.length === 1 && wanted) expect(result).toEqual(wanted({ base, local, remote }));
        expect(sync.queue.size).toBe(records.filter(({ status }) => status === 'open').length);
        await sync.close();
      },
    ),
    300,
  );
  expectSeen(Math.min(seen.lost, seen.records, seen.quiet), 5);
});

function expectTold(record: ConflictRecord, sides: Sides): void {
  expect([record.base, record.local, record.remote].map(fieldsOf)).toEqual([sides.base, sides.local, sides.remote]);
  expect(record).toHaveProperty('detectedAt');
  expect('resolved' in record).toBe(record.status === 'resolved');
}
