import { expect, test } from 'vitest';
import { currentFormat } from '../../src/journal/format.ts';
import type { StorageFormat } from '../../src/journal/format.ts';
import type { JournalOptions } from '../../src/journal/journal.ts';
import { fold } from './counter-store.ts';
import type { CounterEntry } from './counter-store.ts';
import { createLife, openLife, recoveredFrom, write } from './journal-life.ts';
import { lastFormat, nextFormat, scaled } from './made-up-formats.ts';
import { entriesWithCleanPage, fixtureEntries, readFixture, readFixtureWithCleanPage } from './read-fixture.ts';
import { createScramblingCodec } from './scrambling-codec.ts';

const inTenths = fold(fixtureEntries.map((entry) => scaled(entry, 10)));
const inSeventieths = fold(fixtureEntries.map((entry) => scaled(entry, 70)));
const formatsOf = (items: Map<string, unknown>) => [...new Set([...items.keys()].map((key) => key.split('/')[1]))];
const codec = createScramblingCodec('fixture');

/** A life that opens the data and lives until its first checkpoint is over. */
async function migrated(items: Map<string, unknown>, options: Partial<JournalOptions<CounterEntry>>): Promise<void> {
  const life = await openLife(items, options);
  await life.clock.advance(0);
  await life.journal.close();
}

test.each<readonly [string, StorageFormat, typeof inTenths, Partial<JournalOptions<CounterEntry>>]>([
  ['format-1', nextFormat, inTenths, {}],
  ['format-1', lastFormat, inSeventieths, {}],
  ['format-1-encrypted', nextFormat, inTenths, { codec }],
  ['format-1-encrypted', lastFormat, inSeventieths, { codec }],
])(
  'G21 %s opens in a later format, and its next checkpoint stores all of it there',
  async (name, format, state, more) => {
    const items = await readFixture(name);
    const life = await openLife(items, { format, ...more });
    expect(life.store.durable()).toEqual(state);
    expect(formatsOf(items)).toEqual(['1']);
    await life.clock.advance(0);
    expect(formatsOf(items)).toEqual([`${format.version}`]);
    await life.journal.close();
    const later = await recoveredFrom(items, { format, ...more });
    expect(later.store.durable()).toEqual(state);
    expect(life.reports).toEqual([]);
  },
);

test('G21 what a migration was interrupted at is taken up by the format after the next', async () => {
  const items = await readFixture('format-1');
  const life = await openLife(items, { format: nextFormat });
  life.storage.plan(({ method }) => (method === 'removeItem' ? 'failed' : 'done'));
  life.append(write(7, 2));
  await life.clock.advance(0);
  await life.journal.close();
  expect(formatsOf(items)).toEqual(['1', '2']);

  const later = await openLife(items, { format: lastFormat });
  const expected = [...fixtureEntries.map((entry) => scaled(entry, 70)), scaled(write(7, 2), 7)];
  expect(later.store.durable()).toEqual(fold(expected));
  await later.clock.advance(0);
  expect(formatsOf(items)).toEqual(['3']);
});

test('G21 a page that nothing else changed is stored anew, too', async () => {
  const items = await readFixtureWithCleanPage('format-1');
  const expected = fold(entriesWithCleanPage.map((entry) => scaled(entry, 10)));
  await migrated(items, { format: nextFormat });
  expect(formatsOf(items)).toEqual(['2']);
  expect((await openLife(items, { format: nextFormat })).store.durable()).toEqual(expected);
});

test('G21 a journal without pages is brought along', async () => {
  const former = await openLife(new Map(), { checkpointBytes: Infinity });
  former.append(write(1, 0), write(2, 4), write(3, 4, null));
  await former.journal.close();
  const items = former.storage.items;
  const expected = fold([scaled(write(1, 0), 10), scaled(write(2, 4), 10), write(3, 4, null)]);
  expect((await recoveredFrom(items, { format: nextFormat })).store.durable()).toEqual(expected);
  await migrated(items, { format: nextFormat });
  expect(formatsOf(items)).toEqual(['2']);
  expect((await openLife(items, { format: nextFormat })).store.durable()).toEqual(expected);
});

test('G21 a segment that another writer stored in an earlier format is read', async () => {
  const former = await openLife();
  former.append(write(1, 0));
  await former.journal.close();
  const life = await openLife(former.storage.items, { format: nextFormat });
  expect(await life.journal.read(former.writer, 1)).toEqual([scaled(write(1, 0), 10)]);
  expect(await life.journal.read(former.writer, 2)).toBe('absent');
  await life.journal.close();
});

test('G20 G21 a damaged record of an earlier format is set aside, the rest is brought along', async () => {
  const items = await readFixture('format-1');
  const key = 'syncline/1/test/ann/page/1-2-writer-a';
  items.set(key, 'p1 damaged');
  const life = await openLife(items, { format: nextFormat });
  const aside = key.replace('/page/', '/quarantine/page/');
  expect(life.reports).toEqual([`quarantined ${aside}: record-damaged`]);
  await life.clock.advance(0);
  await life.journal.close();
  expect([...items.keys()].filter((each) => each.startsWith('syncline/1/'))).toEqual([aside]);
  const { pages } = (await openLife(items, { format: nextFormat })).store.durable();
  expect(pages).toEqual({ ...inTenths.pages, 1: { 3: 10 } });
});

test('G20 G21 content that is not of its format is set aside, not thrown over', async () => {
  const strict: StorageFormat = {
    version: 2,
    migrations: new Map([[1, (kind, content) => (kind === 'segment' ? null : content)]]),
  };
  const life = await openLife(await readFixture('format-1'), { format: strict });
  expect(life.reports.length).toBe(3);
  expect(life.store.durable()).toEqual(fold(fixtureEntries.slice(0, 3)));
});

test('G21 an open journal of an earlier format goes on appending, stores no page and removes nothing', async () => {
  const items = await readFixture('format-1');
  const old = await openLife(items, { writer: 'writer-c' });
  old.append(write(7, 2));
  await old.clock.advance(0);
  await migrated(items, { format: nextFormat, writer: 'writer-d' });
  const before = [...items.keys()];

  const appended = old.append(write(8, 5));
  await old.clock.advance(0);
  const checkpoint = old.journal.checkpoint();
  await old.clock.advance(0);
  await checkpoint;
  expect(await old.journal.verify()).toBe(true);
  expect(old.reports.filter((report) => report === 'lost')).toEqual([]);
  await old.journal.close();
  expect(appended.fate).toBe('stored');
  const late = 'syncline/1/test/ann/journal/writer-c/0000000002';
  expect([...items.keys()].toSorted()).toEqual([...before, late].toSorted());

  const later = await openLife(items, { format: nextFormat, writer: 'writer-e' });
  const expected = fold([...fixtureEntries, write(7, 2), write(8, 5)].map((entry) => scaled(entry, 10)));
  expect(later.store.durable()).toEqual(expected);
  await later.clock.advance(0);
  expect(formatsOf(items)).toEqual(['2']);
  expect((await recoveredFrom(items, { format: nextFormat })).store.durable()).toEqual(expected);
});

test('G21 a checkpoint during which a newer format appears withdraws its manifest', async () => {
  const items = new Map<string, unknown>();
  const life = await openLife(items, { checkpointBytes: Infinity });
  life.append(write(1, 0));
  await life.clock.advance(0);
  let manifests = 0;
  life.storage.plan(({ method, key }) => {
    if (method === 'setItem' && key?.includes('/manifest/') === true) {
      manifests += 1;
      items.set('syncline/2/test/ann/page/9-1-writer-z', 'p2 anything');
    }
    return 'done';
  });
  const checkpoint = life.journal.checkpoint();
  await life.clock.advance(0);
  await checkpoint;
  expect(manifests).toBe(1);
  const kinds = [...items.keys()].map((key) => key.split('/').slice(1, 5).join('/'));
  expect(kinds.toSorted()).toEqual(['1/test/ann/journal', '1/test/ann/page', '2/test/ann/page']);
  await life.journal.close();
});

test('G21 a format that never was is nobody’s data: not read, not removed', async () => {
  const items = await readFixture('format-1');
  items.set('syncline/0/test/ann/journal/writer-a/0000000001', 's0 anything');
  items.set('syncline/x/test/ann/journal/writer-a/0000000001', 'anything');
  const life = await openLife(items, { format: currentFormat });
  expect(life.store.durable()).toEqual(fold(fixtureEntries));
  await life.journal.close();
  expect(formatsOf(items)).toEqual(['1', '0', 'x']);
});

test('G21 a program of the earlier format refuses what a migration has begun, untouched', async () => {
  const items = await readFixture('format-1');
  await migrated(items, { format: nextFormat });
  const before = structuredClone(items);
  const old = createLife(items);
  await expect(old.journal.recover(() => old.store.sink)).rejects.toMatchObject({ code: 'storage-newer' });
  await old.journal.close();
  expect(items).toEqual(before);
});
