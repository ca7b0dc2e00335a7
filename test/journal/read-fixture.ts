import { readFile } from 'node:fs/promises';
import { write } from './journal-life.ts';

/** What was stored in an earlier format, as it was: text, or bytes where it was encrypted. */
export async function readFixture(name: string): Promise<Map<string, unknown>> {
  const text = await readFile(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8');
  const rows = Object.entries(JSON.parse(text) as Record<string, string | number[]>);
  return new Map(rows.map(([key, value]) => [key, typeof value === 'string' ? value : Uint8Array.from(value)]));
}

/** What the fixtures of format 1 were made of. */
export const fixtureEntries = [write(1, 0), write(2, 3), write(3, 6), write(4, 0), write(5, 3), write(6, 8, 40)];

/** The fixture without the segment that changes page 1: only a migration makes a reason to store that page again. */
export async function readFixtureWithCleanPage(name: string): Promise<Map<string, unknown>> {
  const items = await readFixture(name);
  items.delete('syncline/1/test/ann/journal/writer-b/0000000001');
  return items;
}

/** What {@link readFixtureWithCleanPage} was made of. */
export const entriesWithCleanPage = fixtureEntries.filter(({ sequence }) => sequence !== 5);
