import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHybridClock, type HybridClock, parseStamp } from '../../src/core/hybrid-clock.ts';
import { writeStamp } from '../../src/core/stamp.ts';
import { commandsOf, expectSeen, runProperty } from './run-property.ts';

const start = Date.UTC(2024, 0, 1);
const minute = 60_000;
const week = 7 * 24 * 60 * minute;

function createWorld(offsetMs: number | null = 0): { clock: HybridClock; setNow(ms: number): void } {
  let nowMs = start;
  return {
    clock: createHybridClock({ now: () => nowMs, serverOffsetMs: () => offsetMs }),
    setNow: (ms) => (nowMs = ms),
  };
}

type Step = { readonly jumpMs: number } | { readonly receivedMs: number; readonly counter: number } | 'tick';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant('tick' as const),
  fc.constant('tick' as const),
  fc.integer({ min: -week, max: week }).map((jumpMs) => ({ jumpMs })),
  fc.record({ receivedMs: fc.integer({ min: -week, max: week }), counter: fc.nat(9_999) }),
);

test('S6 stamps are strictly monotone and of one width, however the clock jumps and whatever is received', () => {
  let jumps = 0;
  runProperty(
    fc.property(commandsOf(step), (steps) => {
      const { clock, setNow } = createWorld();
      let nowMs = start;
      let last = '';
      for (const each of steps) {
        if (each === 'tick') {
          const stamp = clock.tick();
          expect(stamp > last).toBe(true);
          expect(stamp).toHaveLength(28);
          expect(clock.current()).toBe(stamp);
          last = stamp;
        } else if ('jumpMs' in each) {
          setNow((nowMs += each.jumpMs));
          jumps += 1;
        } else clock.receive(writeStamp({ ms: nowMs + each.receivedMs, counter: each.counter }));
      }
    }),
    1_000,
  );
  expectSeen(jumps, 1_000);
});

test('S6 the next stamp is later than every stamp received within 5 minutes ahead, and no other is followed', () => {
  const received = fc.record({ ms: fc.integer({ min: -10 * minute, max: 10 * minute }), counter: fc.nat(9_999) });
  runProperty(
    fc.property(fc.array(received, { maxLength: 10 }), fc.constantFrom(null, 0, -week, week), (stamps, offsetMs) => {
      const { clock } = createWorld(offsetMs);
      const serverNowMs = start + (offsetMs ?? 0);
      for (const { ms, counter } of stamps) clock.receive(writeStamp({ ms: serverNowMs + ms, counter }));
      const followed = stamps.filter(({ ms }) => ms <= 5 * minute);
      const latest = followed
        .map(({ ms, counter }) => writeStamp({ ms: serverNowMs + ms, counter }))
        .sort()
        .at(-1);
      const next = clock.tick();
      if (latest !== undefined) expect(next > latest).toBe(true);
      const boundMs = Math.max(start, latest === undefined ? 0 : (parseStamp(latest) ?? 0) + 1);
      expect(parseStamp(next)).toBeLessThanOrEqual(boundMs);
    }),
  );
});

test('S6 a clock in 2099 moves no other clock', () => {
  const { clock } = createWorld();
  clock.receive('2099-01-01T00:00:00.0000000Z');
  expect(clock.current()).toBe(null);
  expect(clock.tick()).toBe('2024-01-01T00:00:00.0000000Z');
});

test('S6 a stamp that was too far ahead counts when it is told again in its time', () => {
  const { clock, setNow } = createWorld();
  clock.receive('2024-01-01T00:06:00.0000000Z');
  setNow(start + 2 * minute);
  clock.receive('2024-01-01T00:06:00.0000000Z');
  clock.receive('2024-01-01T00:06:00.0000000Z');
  expect(clock.current()).toBe('2024-01-01T00:06:00.0000000Z');
});

test('S6 stamps within a millisecond count up, and the counter overflows into the next', () => {
  const { clock, setNow } = createWorld();
  expect([clock.tick(), clock.tick()]).toEqual(['2024-01-01T00:00:00.0000000Z', '2024-01-01T00:00:00.0000001Z']);
  clock.receive('2024-01-01T00:00:00.0009999Z');
  expect(clock.tick()).toBe('2024-01-01T00:00:00.0010000Z');
  setNow(start + 1);
  expect(clock.tick()).toBe('2024-01-01T00:00:00.0010001Z');
  setNow(start + 2);
  expect(clock.tick()).toBe('2024-01-01T00:00:00.0020000Z');
});

test('S6 a restored stamp counts however far ahead it is', () => {
  const { clock } = createWorld();
  expect(clock.current()).toBe(null);
  clock.restore('2031-01-01T00:00:00.0000041Z');
  expect(clock.current()).toBe('2031-01-01T00:00:00.0000041Z');
  expect(clock.tick()).toBe('2031-01-01T00:00:00.0000042Z');
  clock.restore('2024-01-01T00:00:00.0000000Z');
  expect(clock.tick()).toBe('2031-01-01T00:00:00.0000043Z');
});

test('stamps of other makers are received, and what is no time is ignored', () => {
  const { clock } = createWorld();
  clock.receive('2024-01-01T01:00:01+01:00');
  expect(clock.current()).toBe('2024-01-01T00:00:01.0000000Z');
  for (const text of ['', 'soon', '1999', '0000-00-00T00:00:00Z']) clock.receive(text);
  clock.restore('nothing');
  expect(clock.current()).toBe('2024-01-01T00:00:01.0000000Z');
});

test.each([Number.NaN, -1, -Infinity, 0, Infinity, 8.64e15, 1e300])(
  'a clock that says %d gives stamps that sort',
  (nowMs) => {
    const clock = createHybridClock({ now: () => nowMs });
    const stamps = Array.from({ length: 20_001 }, () => clock.tick());
    expect(stamps).toEqual([...stamps].sort());
    expect(new Set(stamps).size).toBe(20_001);
    expect(new Set(stamps.map((stamp) => stamp.length))).toEqual(new Set([28]));
  },
);
