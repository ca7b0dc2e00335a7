import { expect, test } from 'vitest';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';

const draw = (seed: number, label: string): number[] => {
  const random = createSeededRandom(seed).fork(label);
  return Array.from({ length: 1_000 }, () => random.int(10));
};

test('G23 the same seed and label give the same numbers, others differ', () => {
  expect(draw(1, 'network')).toEqual(draw(1, 'network'));
  expect(draw(1, 'network')).not.toEqual(draw(2, 'network'));
  expect(draw(1, 'network')).not.toEqual(draw(1, 'storage'));
});

test('G23 drawing from a fork does not move its origin', () => {
  const drawn = createSeededRandom(7);
  drawn.fork('a').next();
  expect(drawn.next()).toBe(createSeededRandom(7).next());
});

test('G23 the numbers are spread evenly', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let seed = 0; seed < 50; seed += 1)
    for (const value of draw(seed, 'x')) counts[value] = (counts[value] ?? 0) + 1;
  expect(counts.every((count) => count > 4_600 && count < 5_400)).toBe(true);
});
