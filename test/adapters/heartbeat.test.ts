import { expect, test } from 'vitest';
import { createHeartbeat, type Heartbeat } from '../../src/adapters/web-socket/heartbeat.ts';
import type { Clock } from '../../src/ports/environment.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const intervalMs = 25_000;

function start(clock: Clock, told: string[], answer: (heartbeat: Heartbeat) => void = () => undefined): Heartbeat {
  const heartbeat: Heartbeat = createHeartbeat({
    clock,
    intervalMs,
    ping: () => {
      told.push(`ping ${clock.now()}`);
      answer(heartbeat);
    },
    lost: () => told.push(`lost ${clock.now()}`),
  });
  return heartbeat;
}

/** A clock whose timers fire this much late, as those of a throttled tab do. */
function createThrottledClock(lateMs: number) {
  const clock = createVirtualClock(0);
  return { ...clock, setTimeout: (f: () => void, ms: number) => clock.setTimeout(f, ms + lateMs) };
}

test('G14 a dead connection is noticed within two heartbeats, once', async () => {
  const clock = createVirtualClock(0);
  const told: string[] = [];
  start(clock, told);
  await clock.advance(10 * intervalMs);
  expect(told).toEqual(['ping 25000', 'lost 50000']);
  expect(clock.pending()).toBe(0);
});

test('G14 a connection that answers lives on', async () => {
  const clock = createVirtualClock(0);
  const told: string[] = [];
  start(clock, told, (heartbeat) => clock.setTimeout(() => heartbeat.heard(), intervalMs - 1));
  await clock.advance(4 * intervalMs);
  expect(told).toEqual(['ping 25000', 'ping 50000', 'ping 75000', 'ping 100000']);
});

test('G14 a throttled tab does not lose a live connection whose answer is overtaken by a late timer', async () => {
  const clock = createThrottledClock(35_000);
  const told: string[] = [];
  // The answer of each ping is only handled after the timer that came late.
  start(clock, told, (heartbeat) => clock.setTimeout(() => heartbeat.heard(), intervalMs + 1));
  await clock.advance(200_000);
  expect(told).toEqual(['ping 60000', 'ping 120000', 'ping 180000']);
});

test('G14 a throttled tab notices a dead connection after two unanswered pings', async () => {
  const clock = createThrottledClock(35_000);
  const told: string[] = [];
  start(clock, told);
  await clock.advance(600_000);
  expect(told).toEqual(['ping 60000', 'ping 120000', 'lost 180000']);
});

test('G14 a wall clock that is set does not end a live connection', async () => {
  for (const jumpMs of [-86_400_000, 86_400_000]) {
    const clock = createVirtualClock(0);
    let offsetMs = 0;
    const told: string[] = [];
    const heartbeat = start({ ...clock, now: () => clock.now() + offsetMs }, told);
    await clock.advance(intervalMs);
    offsetMs = jumpMs;
    await clock.advance(intervalMs);
    heartbeat.heard();
    await clock.advance(intervalMs);
    expect(told.map((line) => line.split(' ')[0])).toEqual(['ping', 'ping', 'ping']);
  }
});

test('G14 a heartbeat that is stopped leaves no timer', async () => {
  const clock = createVirtualClock(0);
  const told: string[] = [];
  const heartbeat = start(clock, told);
  heartbeat.stop();
  heartbeat.stop();
  expect(clock.pending()).toBe(0);
  await clock.advance(10 * intervalMs);
  expect(told).toEqual([]);
});
