import { expect, test } from 'vitest';
import { exploreModel, type Model } from './explore.ts';

/** `ways`: where each number leads. */
const modelOf = (ways: Readonly<Record<number, readonly number[]>>, settled: readonly number[]): Model<number> => ({
  initial: 0,
  moves: (state) => (ways[state] ?? []).map((next) => ({ name: `to ${next}`, state: next })),
  violations: (state) => (state < 0 ? [`wrong: ${state}`] : []),
  isSettled: (state) => settled.includes(state),
});

const trap = 'G5 nothing leads from here to where all is settled';

test('G5 a model whose states all lead to where all is settled is sound', () => {
  expect(exploreModel(modelOf({ 0: [1, 2], 1: [3], 2: [3] }, [3]), 10)).toEqual({
    states: 4,
    moves: 4,
    settled: 1,
    isComplete: true,
    fault: null,
  });
});

test('G5 a trap is found with the way there, and before it what is wrong', () => {
  const ways = { 0: [1, 2], 2: [4], 4: [2] };
  expect(exploreModel(modelOf(ways, [1]), 10).fault).toEqual({ violation: trap, path: ['to 2'] });
  expect(exploreModel(modelOf({ ...ways, 4: [-1] }, [1]), 10).fault).toEqual({
    violation: 'wrong: -1',
    path: ['to 2', 'to 4', 'to -1'],
  });
});

test('G5 where the limit was reached a trap is one that nothing unknown can lead out of', () => {
  const endless = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [at + 10, [at + 11]]));
  const isTrapped = modelOf({ ...endless, 0: [1, 2, 10], 2: [4], 4: [2] }, [1]);
  expect(exploreModel(isTrapped, 20)).toMatchObject({ isComplete: false, fault: { violation: trap, path: ['to 2'] } });
  const isOpen = modelOf({ ...endless, 0: [1, 10] }, [1]);
  expect(exploreModel(isOpen, 20)).toMatchObject({ states: 20, isComplete: false, fault: null });
});
