import { expect } from 'vitest';
import { askedNumber } from '../support/asked-number.ts';
import { exploreModel, type Exploration, type Model } from './explore.ts';

/** Whether the models are explored deeper, too. */
export const isDeep = askedNumber('SYNCLINE_DEEP', 0, 0) > 0;

/** A model that has more states than this is not looked at as a whole. */
const most = 200_000;

const first = 500_000;

/** Looks at every state: fails with the way to the first that is wrong, and where there are more than can be looked at. */
export function expectSound<S>(name: string, model: Model<S>, least: number): void {
  const found = explore(name, model, most);
  expect(found.isComplete).toBe(true);
  expect(found.states).toBeGreaterThanOrEqual(least);
}

/** Looks at the first so many states of a model that may have more: nothing is said of the others. */
export function expectSoundSoFar<S>(name: string, model: Model<S>): void {
  explore(name, model, first);
}

function explore<S>(name: string, model: Model<S>, limit: number): Exploration {
  const found = exploreModel(model, limit);
  const { fault, isComplete, states, moves, settled } = found;
  const extent = isComplete ? `${states} states` : `not exhaustive: ${states} states`;
  process.stdout.write(`${name}: ${extent}, ${moves} moves, ${settled} settled\n`);
  expect(fault).toEqual(null);
  expect(settled).toBeGreaterThan(0);
  return found;
}
