import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { differences } from './effects.ts';
import { stateOf, type TabHost } from './tab-host.ts';
import { counter } from './workload.ts';

const patienceMs = 60_000;

/** Ends the writing, and waits until every page shows what the server has, all of it once, one page leads, and disjoint writes have met without a record. */
export async function expectAgreement(host: TabHost, pages: readonly Page[]): Promise<void> {
  for (const page of pages) await page.evaluate('tab.rest()');
  const look = async () => {
    const { shown, faults } = await host.effects();
    const states = await Promise.all(pages.map(stateOf));
    return {
      faults,
      roles: states.map(({ sync }) => sync.role).toSorted(),
      unlike: states.map((state) => differences(state.shown, shown)),
      open: states.map(({ sync }) => [sync.pending, sync.parked, sync.queue, sync.blockers]),
      conflicts: states.flatMap(({ conflicts }) => conflicts.filter(({ entityId }) => entityId !== counter.id)),
    };
  };
  await expect.poll(look, { timeout: patienceMs }).toEqual({
    faults: [],
    roles: pages.map((_, at) => (at === pages.length - 1 ? 'leader' : 'follower')),
    unlike: pages.map(() => []),
    open: pages.map(() => [0, 0, 'idle', []]),
    conflicts: [],
  });
  expect(host.troubles).toEqual([]);
}
