import { findFailure } from '../core/run-property.ts';
import { withReplaced, type Replacement } from './replacement.ts';

/** A fault of the server that readers who race with writers must show. */
export interface ServerFault {
  readonly name: string;
  readonly replacements: readonly Replacement[];
}

/** What the race shows with the fault planted; null: nothing in so many runs. The property's own test shows that without it nothing is wrong. */
export function findInRace({ replacements }: ServerFault, numRuns: number): Promise<string | null> {
  return withReplaced(replacements, async () => {
    const { createMemoryStore } = await import('../../src/server/index.ts');
    const { feedRace } = await import('../server/support/feed-race.ts');
    const race = feedRace(async () => createMemoryStore('life-1'), { pages: 0, raced: 0, lost: 0 });
    return (await findFailure(race, numRuns))?.message ?? null;
  });
}
