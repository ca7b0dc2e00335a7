import { expect, test } from 'vitest';
import { seedsFrom } from './describe-seeds.ts';
import { runPassing } from './report.ts';

/** A backend that comes back with less than it has told contradicts its client: that is another matter (S39). */
const restoredNever = { serverRestores: 0 };

/** Where repeats are not recognised, a request that the network doubled is somebody else's. */
const shape = { backend: 'idempotent' } as const;

test.each(seedsFrom(1, 25))(
  'S5 S10 S13 a client alone contradicts itself with no form but one whose state is not kept, seed %d',
  async (seed) => {
    const { contradictions } = await runPassing({ seed, operations: 60, clients: 1, plan: restoredNever, shape });
    expect(contradictions).toEqual(0);
  },
);

/** A tab that cannot open the disk is a device of its own (S33). */
const calm = { ...restoredNever, storageErrors: 0, storageStalls: 0 };

test.each([12, 35, 102])('S10 G18 the tabs of a device alone never contradict each other, seed %d', async (seed) => {
  const { contradictions } = await runPassing({ seed, operations: 60, clients: 1, tabs: 3, plan: calm, shape });
  expect(contradictions).toEqual(0);
});
