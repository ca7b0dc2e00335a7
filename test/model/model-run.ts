import { expect } from 'vitest';
import { askedNumber } from '../support/asked-number.ts';
import { exploreModel, type Model } from './explore.ts';

/** Whether the models are explored deeper, too, up to a limit. */
export const isDeep = askedNumber('SYNCLINE_DEEP', 0, 0) > 0;

/** So many states are looked at, at most. */
const limit = isDeep ? 1_000_000 : 100_000;

/** Looks at every state; fails with the way to the first that is wrong. */
export function expectSound<S>(name: string, model: Model<S>, least: number): void {
  const { fault, isComplete, states, moves, settled } = exploreModel(model, limit);
  process.stdout.write(
    `${name}: ${states} states, ${moves} moves, ${settled} settled${isComplete ? '' : ', cut off'}\n`,
  );
  expect(fault).toEqual(null);
  expect(isComplete || isDeep).toBe(true);
  expect(states).toBeGreaterThanOrEqual(least);
  expect(settled).toBeGreaterThan(0);
}
