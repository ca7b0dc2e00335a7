import { expect, test } from 'vitest';
import { checksumText } from '../../src/journal/checksum.ts';
import { fold } from './counter-store.ts';
import { createLife, openLife } from './journal-life.ts';
import { fixtureEntries, readFixture } from './read-fixture.ts';
import { createScramblingCodec } from './scrambling-codec.ts';

test('G21 format 1 opens: pages, manifest and the segments of two writers', async () => {
  const life = await openLife(await readFixture('format-1'));
  expect(life.reports).toEqual([]);
  expect(life.store.durable()).toEqual(fold(fixtureEntries));
});

test('G21 format 1, encrypted, opens', async () => {
  const life = await openLife(await readFixture('format-1-encrypted'), { codec: createScramblingCodec('fixture') });
  expect(life.reports).toEqual([]);
  expect(life.store.durable()).toEqual(fold(fixtureEntries));
});

const newerText = (letter: string, key: string): string => {
  const checksum = checksumText('[]', checksumText(`${letter}2 ${key} 2 `))
    .toString(16)
    .padStart(8, '0');
  return `${letter}2 ${checksum} []`;
};

test.each([
  ['a segment', 'syncline/1/test/ann/journal/writer-x/0000000001', 's'],
  ['a manifest', 'syncline/1/test/ann/manifest/9-1-writer-x', 'm'],
  ['keys', 'syncline/2/test/ann/whatever', 'x'],
])('G21 %s of a newer format: everything is refused and left untouched', async (_name, key, letter) => {
  const items = await readFixture('format-1');
  items.set('syncline/1/test/ann/journal/writer-a/0000000099', 's1 damaged');
  items.set(key, newerText(letter, key));
  const before = structuredClone(items);
  const life = createLife(items);
  await expect(life.journal.recover(() => life.store.sink)).rejects.toMatchObject({ code: 'storage-newer' });
  await life.clock.advance(60_000);
  await life.journal.close();
  expect(items).toEqual(before);
  expect(life.reports).toEqual([]);
});
