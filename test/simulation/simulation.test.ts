import { afterAll, describe, expect, test } from 'vitest';
import { failingSeeds } from './failing-seeds.ts';
import { formatFailure } from './report.ts';
import { runScenario, type ScenarioOptions, type ScenarioResult } from './scenario.ts';

const seeds = Number(process.env['SYNCLINE_SEEDS'] ?? 150);
const firstSeed = Number(process.env['SYNCLINE_FIRST_SEED'] ?? 1);
const operations = Number(process.env['SYNCLINE_OPERATIONS'] ?? 60);

const faultKinds = [
  'request lost',
  'answer lost',
  'doubled',
  'repeat',
  'partition',
  'crash',
  'frame lost',
  'frame doubled',
  'socket lost',
  'nonsense',
  'unavailable',
  'storage failed',
  'storage stalled',
  'server restart',
  'token expired',
  'parked',
];

const runPassing = async (options: ScenarioOptions): Promise<ScenarioResult> => {
  const result = await runScenario(options);
  if (result.violations.length > 0) throw new Error(formatFailure(options, result));
  return result;
};

describe.runIf(Object.keys(failingSeeds).length > 0)('seeds that failed once', () => {
  test.each(Object.entries(failingSeeds))('G1 G2 %s', async (_name, options) => {
    await runPassing(options);
  });
});

describe(`seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${operations} operations each`, () => {
  const faults = new Map<string, number>();
  const totals = { writes: 0, applied: 0, conflicts: 0, faultyRuns: 0 };

  test.each(Array.from({ length: seeds }, (_, at) => firstSeed + at))(
    'G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 hold with seed %d',
    async (seed) => {
      const result = await runPassing({ seed, operations });
      for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
      totals.writes += result.writes;
      totals.applied += result.applied;
      totals.conflicts += result.conflicts;
      totals.faultyRuns += [...result.faults.values()].reduce((sum, count) => sum + count, 0) >= 10 ? 1 : 0;
    },
  );

  test.runIf(seeds >= 100)('the runs were not vacuous: every kind of fault happened, and writes took effect', () => {
    expect(faultKinds.filter((kind) => (faults.get(kind) ?? 0) === 0)).toEqual([]);
    expect(totals.faultyRuns).toBeGreaterThan(seeds * 0.8);
    expect(totals.applied).toBeGreaterThan(seeds * operations * 0.2);
    expect(totals.conflicts).toBeGreaterThan(seeds);
  });

  afterAll(() => {
    process.stdout.write(`simulation: ${JSON.stringify({ ...totals, ...Object.fromEntries(faults) })}\n`);
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('G23 seed %d gives the same trace twice', async (seed) => {
  const first = await runScenario({ seed, operations });
  const second = await runScenario({ seed, operations });
  expect(second.lines).toEqual(first.lines);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
  'S5 S10 a client alone never contradicts itself, seed %d',
  async (seed) => {
    const result = await runPassing({ seed, operations, clients: 1 });
    expect(result.conflicts).toEqual(0);
  },
);
