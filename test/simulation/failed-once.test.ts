import { test } from 'vitest';
import { failingSeeds } from './failing-seeds.ts';
import { failingTabSeeds } from './failing-tab-seeds.ts';
import { runPassing } from './report.ts';

test.each(Object.entries(failingSeeds))('G1 G2 %s', async (_name, options) => {
  await runPassing(options);
});

test.each(Object.entries(failingTabSeeds))('G1 G18 %s', async (_name, options) => {
  await runPassing(options);
});
