import { describe, test } from 'vitest';
import { expectSound, expectSoundSoFar, isDeep } from './model-run.ts';
import { createTabs, type TabsOptions } from './tabs.ts';

const check = (options: TabsOptions, least: number): void =>
  expectSound(`tabs ${JSON.stringify(options)}`, createTabs(options), least);

test('G1 G2 G3 G5 G18 two tabs, one write, one tab gone, answer lost or lock broken: every state is sound', () => {
  check({ tabs: 2, writes: 1, foreignWrites: 0, faults: 1 }, 30_000);
});

test('G1 G2 G3 G5 G18 two tabs, two writes, nothing goes wrong: every state is sound', () => {
  check({ tabs: 2, writes: 2, foreignWrites: 0, faults: 0 }, 5_000);
});

test('G1 G2 G3 G5 G18 two tabs, one write and one of somebody else: every state is sound', () => {
  check({ tabs: 2, writes: 1, foreignWrites: 1, faults: 0 }, 2_000);
});

if (isDeep)
  describe('deeper', () => {
    test.each([
      { tabs: 2, writes: 1, foreignWrites: 1, faults: 1 },
      { tabs: 2, writes: 2, foreignWrites: 0, faults: 1 },
      { tabs: 2, writes: 1, foreignWrites: 0, faults: 2 },
      { tabs: 3, writes: 1, foreignWrites: 0, faults: 1 },
    ])(
      'G1 G2 G3 G5 G18 %o: the first 500,000 states are sound, not exhaustive',
      (options) => expectSoundSoFar(`tabs ${JSON.stringify(options)}`, createTabs(options)),
      0,
    );
  });
