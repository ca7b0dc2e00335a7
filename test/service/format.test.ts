import { readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { currentFormat, type RecordKind } from '../../src/journal/format.ts';
import { decodeRecord } from '../../src/journal/record.ts';
import type { EntityStep, JournalEntry } from '../../src/store/entry.ts';
import { storePatches } from './format-patches.ts';
import { storeAsTabs } from './format-tabs.ts';
import { contentOf, storeEverything } from './format-world.ts';

interface Fixture {
  /** By storage key, as it was stored. */
  readonly stored: Readonly<Record<string, string>>;
  /** What a service found in it then. */
  readonly content: unknown;
}

const folder = new URL('fixtures/', import.meta.url);

/** Lives that are stored in the format of today. */
const lives: Readonly<Record<string, () => Promise<Map<string, unknown>>>> = {
  segments: () => storeEverything(false),
  pages: () => storeEverything(true),
  tabs: () => storeAsTabs(false),
  'tabs-pages': () => storeAsTabs(true),
  patches: storePatches,
};
const prefix = `format-${currentFormat.version}-`;

/** SYNCLINE_NEW_FIXTURES=1 makes those of a format that has none yet, by this release; what is there is never made again. */
if (process.env['SYNCLINE_NEW_FIXTURES'] === '1') {
  const made = await readdir(folder);
  for (const [name, live] of Object.entries(lives)) {
    const file = `${prefix}${name}.json`;
    if (made.includes(file)) continue;
    const stored = await live();
    const fixture: Fixture = {
      stored: Object.fromEntries(stored) as Fixture['stored'],
      content: await contentOf(structuredClone(stored)),
    };
    await writeFile(new URL(file, folder), `${JSON.stringify(fixture, null, 2)}\n`, { flag: 'wx' });
  }
}

const files = (await readdir(folder)).toSorted();
const readFixture = async (file: string): Promise<Fixture> =>
  JSON.parse(await readFile(new URL(file, folder), 'utf8')) as Fixture;
const itemsOf = ({ stored }: Fixture) => new Map<string, unknown>(Object.entries(stored));

test('G21 there is a fixture of each life in the format of today', () => {
  expect(files.filter((file) => file.startsWith(prefix))).toEqual(
    Object.keys(lives)
      .map((name) => `${prefix}${name}.json`)
      .toSorted(),
  );
});

test.each(files)('G21 %s opens: entities, operations, conflicts and counts are what they were', async (file) => {
  const fixture = await readFixture(file);
  expect(await contentOf(itemsOf(fixture))).toEqual(fixture.content);
});

test.each(files)('G21 %s opens again after it was opened', async (file) => {
  const fixture = await readFixture(file);
  const items = itemsOf(fixture);
  await contentOf(items);
  expect(await contentOf(items)).toEqual(fixture.content);
});

test.each(Object.entries(lives))(
  'G21 what is stored now is found again, in the state in which the fixture of %s is',
  async (name, live) => {
    const { content } = await readFixture(`${prefix}${name}.json`);
    const { statuses, counts } = content as { statuses: unknown; counts: unknown };
    expect(await contentOf(await live())).toMatchObject({ quarantined: [], statuses, counts });
  },
);

/** Every kind there is: a new one does not compile until it is here, and then it has to be in a fixture. */
const kinds: {
  readonly records: Readonly<Record<RecordKind, 'stored'>>;
  readonly entries: Readonly<Record<JournalEntry['type'], 'stored'>>;
  readonly steps: Readonly<Record<EntityStep['type'], 'stored' | 'follows from another'>>;
} = {
  records: { segment: 'stored', page: 'stored', manifest: 'stored', claim: 'stored' },
  entries: {
    ...{ entity: 'stored', draft: 'stored', imported: 'stored' },
    ...{ reign: 'stored', feed: 'stored', epoch: 'stored' },
  },
  steps: {
    ...{ write: 'stored', seal: 'stored', settle: 'stored', park: 'stored', unseal: 'stored', conflict: 'stored' },
    ...{ resolve: 'stored', receive: 'stored', annihilate: 'stored', discard: 'stored', retry: 'stored' },
    ...{ patch: 'stored', forget: 'follows from another' },
  },
};

const kindByFolder: Readonly<Record<string, RecordKind>> = {
  ...{ journal: 'segment', page: 'page', manifest: 'manifest', claim: 'claim' },
};

test('G21 the fixtures hold every kind of record, entry and step', async () => {
  const seen = { records: new Set<string>(), entries: new Set<string>(), steps: new Set<string>() };
  for (const file of files.filter((each) => each.startsWith(prefix)))
    for (const [key, text] of Object.entries((await readFixture(file)).stored)) {
      const kind = kindByFolder[key.split('/')[4] ?? ''] as RecordKind;
      const record = decodeRecord(kind, key, text);
      expect([key, record.type]).toEqual([key, 'intact']);
      seen.records.add(kind);
      if (kind !== 'segment' || record.type !== 'intact') continue;
      for (const entry of record.content as unknown as readonly JournalEntry[]) {
        seen.entries.add(entry.type);
        if (entry.type === 'entity') seen.steps.add(entry.step.type);
        if (entry.type === 'feed')
          for (const change of entry.changes) seen.steps.add('base' in change ? 'receive' : 'patch');
      }
    }
  for (const each of ['records', 'entries', 'steps'] as const) {
    const stored = Object.entries<string>(kinds[each]).flatMap(([kind, how]) => (how === 'stored' ? [kind] : []));
    expect([...seen[each]].toSorted()).toEqual(stored.toSorted());
  }
});
