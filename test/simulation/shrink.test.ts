import { expect, test } from 'vitest';
import { noFaults } from './fault-plan.ts';
import { runScenario, type ScenarioResult } from './scenario.ts';
import { shrink } from './shrink.ts';

const seed = 3;

/** Any run with a crash in it passes for a failing one. */
const failWhenCrashed = async (options: Parameters<typeof runScenario>[0]): Promise<ScenarioResult> => {
  const result = await runScenario(options);
  return { ...result, violations: result.faults.has('crash') ? ['G1 a crash'] : [] };
};

test('a failing run is shrunk to what it takes, and that run fails again by its options alone', async () => {
  const options = { seed, operations: 60, plan: { crashes: 3 } };
  const result = await failWhenCrashed(options);
  const smallest = await shrink({ options, result }, { run: failWhenCrashed });
  expect(smallest.result.violations).toEqual(['G1 a crash']);
  expect(smallest.options.upTo).toBeLessThan(30);
  expect(smallest.options.clients).toEqual(1);
  const { crashes, ...others } = { ...smallest.result.plan };
  const { crashes: _none, ...none } = noFaults;
  expect(crashes).toEqual(3);
  expect(others).toEqual(none);
  expect((await failWhenCrashed(smallest.options)).lines).toEqual(smallest.result.lines);
});
