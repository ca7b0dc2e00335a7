import { describe, it } from 'vitest';
import type { Clock } from '../../../src/ports/environment.ts';
import { runStorageConformance } from '../../../src/testing/storage/conformance.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';
import { createDisk } from './disk.ts';
import { createProcess } from './process.ts';
import { createTrace } from './trace.ts';

/** A virtual clock that moves on by itself as long as a timer is set. */
function createSelfMovingClock(): Clock {
  const clock = createVirtualClock();
  let isMoving = false;
  const move = async (): Promise<void> => {
    isMoving = true;
    while (clock.pending() > 0) await clock.advance(1);
    isMoving = false;
  };
  return {
    ...clock,
    setTimeout(fn, ms) {
      const id = clock.setTimeout(fn, ms);
      if (!isMoving) void move();
      return id;
    },
  };
}

runStorageConformance(
  () => {
    const clock = createSelfMovingClock();
    const faults = { storageErrors: 0, storageStalls: 0 };
    const disk = createDisk({ name: 'c', clock, random: createSeededRandom(1), trace: createTrace(clock.now), faults });
    return { open: () => disk.open(createProcess('c/1', clock)) };
  },
  { name: 'the virtual disk', runner: { describe, it }, print: () => undefined },
);
