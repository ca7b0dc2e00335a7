import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUuidGenerator, uuidv7 } from '../../src/core/uuid.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { runProperty } from './run-property.ts';

const format = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('the example of RFC 9562 has its time', () => {
  expect(uuidv7(0x017f22e279b0, () => 0.5)).toBe('017f22e2-79b0-7800-a000-000080000000');
});

test('ids have the form of RFC 9562 at any time and with any chance', () => {
  const edges = fc.constantFrom(0, 0.5, 1 - Number.EPSILON);
  const chance = fc.oneof(edges, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  const time = fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constantFrom(Number.NaN, -1, Infinity, 2 ** 48, 1.5));
  runProperty(
    fc.property(time, chance, (nowMs, random) => {
      expect(uuidv7(nowMs, () => random)).toMatch(format);
      expect(
        createUuidGenerator(
          () => nowMs,
          () => random,
        )(),
      ).toMatch(format);
    }),
  );
});

test('ids of a generator sort in the order of their creation, also when the clock stands or goes back', () => {
  const steps = fc.array(fc.constantFrom(0, 0, 0, 1, 5, -1, -1_000, 1_000), { minLength: 2, maxLength: 50 });
  runProperty(
    fc.property(steps, fc.nat(), (jumps, seed) => {
      let nowMs = 1_700_000_000_000;
      const generate = createUuidGenerator(() => nowMs, createSeededRandom(seed).next);
      const ids = jumps.map((jump) => {
        nowMs += jump;
        return generate();
      });
      expect(ids).toEqual([...ids].sort());
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('a clock that stands still never runs out of ids', () => {
  const generate = createUuidGenerator(() => 1_700_000_000_000, createSeededRandom(1).next);
  const ids = Array.from({ length: 20_000 }, generate);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(20_000);
});

test('G23 the same time and chance give the same ids', () => {
  const ids = () =>
    Array.from(
      { length: 5 },
      createUuidGenerator(() => 1, createSeededRandom(7).next),
    );
  expect(ids()).toEqual(ids());
});
