import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSteadyClock } from '../../src/core/steady-clock.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { runProperty } from './run-property.ts';

test('G5 a clock that is set back moves no deadline', () => {
  let nowMs = 1_000_000;
  const steady = createSteadyClock({ ...createVirtualClock(), now: () => nowMs });
  const deadlineMs = steady.now() + 500;
  nowMs -= 900_000;
  expect(steady.now()).toBe(deadlineMs - 500);
  nowMs += 499;
  expect(steady.now()).toBe(deadlineMs - 1);
  nowMs += 1;
  expect(steady.now()).toBe(deadlineMs);
});

test('G5 it never runs backwards, and as fast as the other one between two jumps', () => {
  runProperty(
    fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 })), (steps) => {
      let nowMs = 0;
      const steady = createSteadyClock({ ...createVirtualClock(), now: () => nowMs });
      for (const step of steps) {
        const before = steady.now();
        nowMs += step;
        expect(steady.now() - before).toBe(Math.max(0, step));
      }
    }),
  );
});

test('its timers are those of the clock', async () => {
  const clock = createVirtualClock();
  const steady = createSteadyClock(clock);
  const ran: string[] = [];
  steady.setTimeout(() => ran.push('due'), 10);
  steady.clearTimeout(steady.setTimeout(() => ran.push('cleared'), 5));
  await clock.advance(10);
  expect(ran).toEqual(['due']);
});
