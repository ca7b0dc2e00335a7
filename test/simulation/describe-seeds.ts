import { afterAll, describe, expect, test } from 'vitest';
import { leastFaults } from './fault-plan.ts';
import { numbers } from './numbers.ts';
import { runPassing } from './report.ts';
import type { ScenarioOptions } from './scenario.ts';

/** A set of runs, and what must not be missing from them. */
export interface SeedRuns {
  readonly title: string;
  /** The ids of what is shown. */
  readonly promises: string;
  readonly seeds: readonly number[];
  readonly optionsOf: (seed: number) => ScenarioOptions;
  /** Kinds of fault that have to happen in one of the runs at least. */
  readonly faultKinds: readonly string[];
}

const enoughToJudge = 50;

/** Runs them all, and shows that they were not vacuous. */
export function describeSeeds({ title, promises, seeds, optionsOf, faultKinds }: SeedRuns): void {
  describe(title, () => {
    const faults = new Map<string, number>();
    const totals = { writes: 0, applied: 0, conflicts: 0 };

    test.each(seeds)(`${promises} hold with seed %d`, async (seed) => {
      const result = await runPassing(optionsOf(seed));
      for (const [kind, times] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + times);
      totals.writes += result.writes;
      totals.applied += result.applied;
      totals.conflicts += result.conflicts;
      expect(result.injected).toBeGreaterThanOrEqual(leastFaults);
    });

    if (seeds.length >= enoughToJudge)
      test('the runs were not vacuous', () => {
        expect(faultKinds.filter((kind) => !faults.has(kind))).toEqual([]);
        expect(totals.applied).toBeGreaterThan(seeds.length * numbers.operations * 0.2);
        expect(totals.conflicts).toBeGreaterThan(seeds.length);
      });

    afterAll(() => {
      process.stdout.write(`${title}: ${JSON.stringify({ ...totals, ...Object.fromEntries(faults) })}\n`);
    });
  });
}

/** The seeds that are run, from the first one on. */
export function seedsFrom(first: number, count: number, step = 1): readonly number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => first + at * step);
}
