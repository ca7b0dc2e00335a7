import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { contentOf, storeEverything } from './format-world.ts';

interface Fixture {
  /** By storage key, as it was stored. */
  readonly stored: Readonly<Record<string, string>>;
  /** What a service found in it then. */
  readonly content: unknown;
}

/** Made once by the last release of each format, and never again. */
const fixtures = ['format-1-segments', 'format-1-pages'];

const readFixture = async (name: string): Promise<Fixture> =>
  JSON.parse(await readFile(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Fixture;

test.each(fixtures)('G21 %s opens: entities, operations, conflicts and counts are what they were', async (name) => {
  const { stored, content } = await readFixture(name);
  const items = new Map<string, unknown>(Object.entries(stored));
  expect(await contentOf(items)).toEqual(content);
});

test.each(fixtures)('G21 %s opens again after it was opened', async (name) => {
  const { stored, content } = await readFixture(name);
  const items = new Map<string, unknown>(Object.entries(stored));
  await contentOf(items);
  expect(await contentOf(items)).toEqual(content);
});

test('G21 what is stored now is found again, in the state in which the fixtures are', async () => {
  const { content } = await readFixture('format-1-segments');
  const { statuses, counts } = content as { statuses: unknown; counts: unknown };
  for (const asPages of [false, true])
    expect(await contentOf(await storeEverything(asPages))).toMatchObject({ quarantined: [], statuses, counts });
});
