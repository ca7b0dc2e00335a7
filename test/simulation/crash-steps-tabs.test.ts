import { expect, test } from 'vitest';
import { runCrashScenario, type CrashOptions } from './crash-scenario.ts';

const maxSteps = 400;

/** Crashes after every `stride`-th step until there is none left; gives the life without a crash, and in how many both tabs led. */
async function crashAfterSteps(options: Omit<CrashOptions, 'step'>, stride: number) {
  let takenOver = 0;
  for (let step = 1; step <= maxSteps; step += stride) {
    const result = await runCrashScenario({ ...options, step });
    const { crashed, violations, reigns } = result;
    const lines = violations.length > 0 ? result.lines : [];
    expect({ step, violations, lines }).toEqual({ step, violations: [], lines: [] });
    if (!crashed) return { ...result, step, takenOver };
    if (reigns.every((count) => count > 0)) takenOver += 1;
  }
  throw new Error(`There are more than ${maxSteps} steps.`);
}

test.each(['batch', 'single'] as const)(
  'G1 G2 G18 a crash of the tab that makes any single storage step loses nothing, and the other one goes on (%s)',
  async (kind) => {
    const { step, conflicts, reigns, takenOver } = await crashAfterSteps({ kind, tabs: 2 }, 1);
    expect(step).toBeGreaterThan(40);
    expect([conflicts, reigns]).toEqual([1, [1, 1]]);
    expect(takenOver).toBeGreaterThan(step / 2);
  },
);

test('G1 G2 G18 a second crash while the other tab takes over loses nothing either', async () => {
  const { step } = await crashAfterSteps({ kind: 'batch', tabs: 2, again: 2 }, 3);
  expect(step).toBeGreaterThan(40);
});
