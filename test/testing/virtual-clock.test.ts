import { expect, test } from 'vitest';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

test('G23 timers run by time, then in the order in which they were set', async () => {
  const clock = createVirtualClock(0);
  const ran: string[] = [];
  clock.setTimeout(() => ran.push(`late ${clock.now()}`), 20);
  clock.setTimeout(() => ran.push(`first ${clock.now()}`), 10);
  clock.setTimeout(() => ran.push(`second ${clock.now()}`), 10);
  clock.clearTimeout(clock.setTimeout(() => ran.push('cleared'), 5));
  expect(clock.pending()).toBe(3);
  await clock.advance(30);
  expect(ran).toEqual(['first 10', 'second 10', 'late 20']);
  expect([clock.now(), clock.pending()]).toEqual([30, 0]);
});

test('G23 a timer that re-arms within one advance runs each time, with its promises settled between', async () => {
  const clock = createVirtualClock(0);
  const ran: number[] = [];
  const tick = async (): Promise<void> => {
    for (let hop = 0; hop < 50; hop += 1) await null;
    ran.push(clock.now());
    clock.setTimeout(() => void tick(), 10);
  };
  clock.setTimeout(() => void tick(), 10);
  await clock.advance(45);
  expect(ran).toEqual([10, 20, 30, 40]);
});

test('G23 runUntil stops at the first instant that satisfies, and rejects past its limit', async () => {
  const clock = createVirtualClock(0);
  const ran: number[] = [];
  for (const ms of [50, 30, 10, 40, 20]) clock.setTimeout(() => ran.push(ms), ms);
  await clock.runUntil(() => ran.length === 3, 1_000);
  expect([ran, clock.now()]).toEqual([[10, 20, 30], 30]);
  await expect(clock.runUntil(() => ran.length === 6, 1_000)).rejects.toThrow('Still not so after 1000 ms');
});

test('G5 a timer that keeps re-arming without delay is told from progress', async () => {
  const clock = createVirtualClock(0);
  const spin = (): void => {
    clock.setTimeout(spin, 0);
  };
  spin();
  await expect(clock.runUntil(() => false, 1_000)).rejects.toThrow('Time stands still');
});
