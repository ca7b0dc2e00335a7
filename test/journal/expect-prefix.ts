import { expect } from 'vitest';
import { fold } from './counter-store.ts';
import type { CounterEntry, CounterState } from './counter-store.ts';

/** What became of one appended entry, as its writer was told. */
export interface History {
  readonly entry: CounterEntry;
  readonly fate: 'open' | 'stored' | 'rejected';
}

/**
 * What was recovered is what a prefix of the history makes: everything stored is in it, nothing twice, nothing without what
 * was appended before it. A rejected entry may be missing anywhere. Gives the entries that were recovered.
 */
export function expectPrefix(recovered: CounterState, history: readonly History[]): readonly CounterEntry[] {
  const found = new Set(recovered.sequences);
  const entries = history.map(({ entry }) => entry).filter(({ sequence }) => found.has(sequence));
  const lost = history.filter(({ entry, fate }) => fate === 'stored' && !found.has(entry.sequence));
  expect(lost, 'G1 durable entries that were lost').toEqual([]);
  const certain = history.filter(({ fate }) => fate !== 'rejected').map(({ entry }) => found.has(entry.sequence));
  expect(certain.indexOf(false) === -1 || !certain.includes(true, certain.indexOf(false)), 'a hole').toBe(true);
  expect(recovered).toEqual(fold(entries));
  return entries;
}
