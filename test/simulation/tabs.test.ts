import { afterAll, describe, expect, test } from 'vitest';
import { failingTabSeeds } from './failing-tab-seeds.ts';
import { formatFailure } from './report.ts';
import { runScenario, type ScenarioOptions, type ScenarioResult } from './scenario.ts';

const seeds = Number(process.env['SYNCLINE_TAB_SEEDS'] ?? 40);
const firstSeed = Number(process.env['SYNCLINE_FIRST_SEED'] ?? 1);
const operations = Number(process.env['SYNCLINE_OPERATIONS'] ?? 60);

const faultKinds = ['crash', 'freeze', 'locks broken', 'tab message lost', 'request lost', 'answer lost', 'partition'];

const optionsOf = (seed: number): ScenarioOptions => ({ seed, operations, tabs: 3 });

const runPassing = async (options: ScenarioOptions): Promise<ScenarioResult> => {
  const result = await runScenario(options);
  if (result.violations.length > 0) throw new Error(formatFailure(options, result));
  return result;
};

describe.runIf(Object.keys(failingTabSeeds).length > 0)('seeds with tabs that failed once', () => {
  test.each(Object.entries(failingTabSeeds))('G1 G18 %s', async (_name, options) => {
    await runPassing(options);
  });
});

describe(`seeds ${firstSeed} to ${firstSeed + seeds - 1} with up to three tabs on a device`, () => {
  const faults = new Map<string, number>();
  let applied = 0;

  test.each(Array.from({ length: seeds }, (_, at) => firstSeed + at))(
    'G1 G2 G3 G4 G5 G6 G9 G10 G18 hold with several tabs, seed %d',
    async (seed) => {
      const result = await runPassing(optionsOf(seed));
      for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
      applied += result.applied;
    },
  );

  test.runIf(seeds >= 40)('the runs with tabs were not vacuous', () => {
    expect(faultKinds.filter((kind) => (faults.get(kind) ?? 0) === 0)).toEqual([]);
    expect(applied).toBeGreaterThan(seeds * operations * 0.2);
  });

  afterAll(() => {
    process.stdout.write(`simulation with tabs: ${JSON.stringify({ applied, ...Object.fromEntries(faults) })}\n`);
  });
});

test.each([1, 2, 3, 4, 5, 6])('G23 seed %d gives the same trace twice with several tabs', async (seed) => {
  const first = await runScenario(optionsOf(seed));
  const second = await runScenario(optionsOf(seed));
  expect(second.lines).toEqual(first.lines);
});
