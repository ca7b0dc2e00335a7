import { expect, test } from 'vitest';
import { runCrashScenario } from './crash-scenario.ts';

const maxSteps = 400;

test.each(['batch', 'single'] as const)('G1 a crash after any single storage step loses nothing (%s)', async (kind) => {
  let step = 1;
  for (; step <= maxSteps; step += 1) {
    const { crashed, conflicts, violations, lines } = await runCrashScenario({ step, kind });
    expect({ step, violations, lines: violations.length > 0 ? lines : [] }).toEqual({
      step,
      violations: [],
      lines: [],
    });
    if (crashed) continue;
    expect(conflicts).toBe(1);
    break;
  }
  expect(step).toBeGreaterThan(20);
  expect(step).toBeLessThan(maxSteps);
});

test('G1 a second crash while recovering from the first loses nothing either', async () => {
  for (let step = 1; step <= maxSteps; step += 3) {
    const { crashed, violations, lines } = await runCrashScenario({ step, kind: 'batch', again: 1 + (step % 5) });
    expect({ step, violations, lines: violations.length > 0 ? lines : [] }).toEqual({
      step,
      violations: [],
      lines: [],
    });
    if (!crashed) break;
  }
});
