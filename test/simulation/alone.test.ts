import { expect, test } from 'vitest';
import { seedsFrom } from './describe-seeds.ts';
import { runPassing } from './report.ts';

test.each(seedsFrom(1, 25))('S5 S10 a client alone never contradicts itself, seed %d', async (seed) => {
  const { conflicts } = await runPassing({ seed, operations: 60, clients: 1 });
  expect(conflicts).toEqual(0);
});
