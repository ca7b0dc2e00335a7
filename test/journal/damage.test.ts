import { expect, test } from 'vitest';
import { fold } from './counter-store.ts';
import { createLife, openLife, recoveredFrom, write } from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';
import { createScramblingCodec } from './scrambling-codec.ts';

async function appended(life: JournalLife, ...sequences: readonly number[]): Promise<void> {
  for (const sequence of sequences) {
    life.append(write(sequence));
    await life.clock.advance(0);
  }
}

async function checkpointed(life: JournalLife): Promise<void> {
  const done = life.journal.checkpoint();
  await life.clock.advance(0);
  await done;
}

const keysWith = (items: Map<string, unknown>, part: string) => [...items.keys()].filter((key) => key.includes(part));

test('G20 a damaged record that cannot be copied stays in its place, also when it is covered', async () => {
  const former = await openLife();
  await appended(former, 1, 2);
  await former.journal.close();
  const items = former.storage.items;
  const damagedKey = keysWith(items, '/journal/')[0] as string;
  items.set(damagedKey, 's1 damaged');

  const life = createLife(items);
  life.storage.plan(({ key }) => (key?.includes('/quarantine/') ? 'failed' : 'done'));
  await life.journal.recover(() => life.store.sink);
  expect(life.reports).toEqual([`quarantined ${damagedKey}: record-damaged`]);
  await checkpointed(life);
  expect(items.get(damagedKey)).toBe('s1 damaged');
  expect(keysWith(items, '/journal/')).toEqual([damagedKey]);
  await life.journal.close();

  const later = await openLife(items);
  expect(later.store.durable()).toEqual(fold([write(2)]));
});

test('G20 a damaged manifest that cannot be copied does not keep newer ones from being stored', async () => {
  const former = await openLife();
  await appended(former, 1);
  await checkpointed(former);
  await former.journal.close();
  const items = former.storage.items;
  const damagedKey = keysWith(items, '/manifest/')[0] as string;
  items.set(damagedKey, 'm1 damaged');

  const life = createLife(items);
  life.storage.plan(({ key }) => (key?.includes('/quarantine/') ? 'failed' : 'done'));
  await life.journal.recover(() => life.store.sink);
  await life.clock.advance(0);
  expect(keysWith(items, '/manifest/')).toEqual([damagedKey, expect.stringContaining(life.writer)]);
  expect(items.get(damagedKey)).toBe('m1 damaged');
  expect((await recoveredFrom(items)).store.durable().pages).toEqual(fold([write(1)]).pages);
});

test('G20 when the newest manifest is damaged, the newest record of each page is used', async () => {
  const life = await openLife();
  await appended(life, 1, 4, 7);
  await checkpointed(life);
  const [olderKey] = keysWith(life.storage.items, '/manifest/');
  const olderManifest = life.storage.items.get(olderKey as string);
  await appended(life, 2, 5);
  await checkpointed(life);
  const [newestKey] = keysWith(life.storage.items, '/manifest/');
  life.storage.items.set(olderKey as string, olderManifest);
  life.storage.items.set(newestKey as string, 'm1 damaged');

  const later = await recoveredFrom(life.storage.items);
  expect(later.store.durable().pages).toEqual(fold([1, 4, 7, 2, 5].map((sequence) => write(sequence))).pages);
});

test('G20 a missing page is reported, the others load, and the next checkpoint forgets it', async () => {
  const life = await openLife();
  await appended(life, 1, 4, 7);
  await checkpointed(life);
  await life.journal.close();
  const { items } = life.storage;
  const missing = keysWith(items, '/page/')[1] as string;
  items.delete(missing);

  const later = await openLife(items);
  expect(later.reports).toEqual([`quarantined ${missing}: record-damaged`]);
  expect(later.store.durable().pages).toEqual(fold([write(1), write(7)]).pages);
  await later.clock.advance(0);
  await later.journal.close();
  expect((await openLife(items)).reports).toEqual([]);
});

test('G20 missing segments are reported, the others load, and the next checkpoint forgets it', async () => {
  const life = await openLife();
  await appended(life, 1, 2, 3, 4);
  await life.journal.close();
  const { items } = life.storage;
  const lost = keysWith(items, '/journal/').slice(1, 3);
  for (const key of lost) items.delete(key);

  const later = await openLife(items);
  expect(later.reports).toEqual([`quarantined ${lost[0]}: record-damaged`]);
  expect(later.store.durable()).toEqual(fold([write(1), write(4)]));
  await later.clock.advance(0);
  await later.journal.close();
  expect((await openLife(items)).reports).toEqual([]);
});

test('G20 covered segments of which some are left are no missing ones', async () => {
  const life = await openLife();
  await appended(life, 1, 2, 3, 4);
  const segments = structuredClone([...life.storage.items].filter(([key]) => key.includes('/journal/')));
  await checkpointed(life);
  await appended(life, 5);
  await life.journal.close();
  for (const index of [0, 2]) life.storage.items.set(...(segments[index] as [string, unknown]));
  const later = await openLife(life.storage.items);
  expect(later.reports).toEqual([]);
  expect(later.store.durable()).toEqual(fold([1, 2, 3, 4, 5].map((sequence) => write(sequence))));
});

test('G20 encrypted data is left untouched when the key is wrong or missing', async () => {
  const codec = createScramblingCodec('right');
  const former = await openLife(new Map(), { codec });
  await appended(former, 1);
  await checkpointed(former);
  await appended(former, 2);
  await former.journal.close();
  const before = structuredClone(former.storage.items);

  for (const wrong of [{ codec: createScramblingCodec('wrong') }, {}]) {
    const life = createLife(former.storage.items, wrong);
    await expect(life.journal.recover(() => life.store.sink)).rejects.toMatchObject({ code: 'storage-locked' });
    await life.journal.close();
  }
  expect(former.storage.items).toEqual(before);
  expect((await openLife(former.storage.items, { codec })).store.durable()).toEqual(fold([write(1), write(2)]));
});

test('data from before encryption was switched on is read, and stored encrypted at once', async () => {
  const former = await openLife();
  await appended(former, 1, 4);
  await checkpointed(former);
  await appended(former, 7);
  await former.journal.close();
  const codec = createScramblingCodec('secret');
  const life = await openLife(former.storage.items, { codec });
  await life.clock.advance(0);
  expect([...life.storage.items.values()].every((value) => value instanceof Uint8Array)).toBe(true);
  expect(keysWith(life.storage.items, '/page/').length).toBe(3);
  const later = await recoveredFrom(life.storage.items, { codec });
  expect(later.store.durable()).toEqual(fold([write(1), write(4), write(7)]));
});
