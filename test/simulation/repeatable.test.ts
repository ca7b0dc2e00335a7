import { expect, test } from 'vitest';
import { seedsFrom } from './describe-seeds.ts';
import { runScenario } from './scenario.ts';

const operations = 60;

test.each(seedsFrom(1, 50))('G23 seed %d gives the same trace twice', async (seed) => {
  const first = await runScenario({ seed, operations });
  const second = await runScenario({ seed, operations });
  expect(second.lines).toEqual(first.lines);
});

test.each(seedsFrom(1, 25))('G23 seed %d gives the same trace twice with several tabs', async (seed) => {
  const first = await runScenario({ seed, operations, tabs: 3 });
  const second = await runScenario({ seed, operations, tabs: 3 });
  expect(second.lines).toEqual(first.lines);
});
