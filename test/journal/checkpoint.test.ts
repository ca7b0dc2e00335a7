import { expect, test } from 'vitest';
import { fold } from './counter-store.ts';
import type { CounterEntry } from './counter-store.ts';
import { fact, openLife, recoveredFrom, write } from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';

const folderOf = (key: string) => key.split('/')[4] as string;
const foldersOf = (life: JournalLife) => [...life.storage.items.keys()].map(folderOf).sort();

async function appendOneByOne(life: JournalLife, entries: readonly CounterEntry[]): Promise<void> {
  for (const entry of entries) {
    life.append(entry);
    await life.clock.advance(0);
  }
}

async function checkpointed(life: JournalLife): Promise<void> {
  const done = life.journal.checkpoint();
  await life.clock.advance(0);
  await done;
}

test('S29 a checkpoint stores the dirty pages and the manifest, then removes what they cover, in this order', async () => {
  const life = await openLife();
  const entries = [write(1, 0), write(2, 3), write(3, 0)];
  await appendOneByOne(life, entries);
  const before = life.storage.calls.length;
  await checkpointed(life);
  const steps = life.storage.calls
    .slice(before)
    .map(({ method, key }) => (key ? `${method} ${folderOf(key)}` : method));
  expect(steps).toEqual([
    'keys',
    'setItem page',
    'setItem page',
    'setItem manifest',
    'keys',
    'removeItem journal',
    'removeItem journal',
    'removeItem journal',
  ]);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold(entries));
});

test('S29 the next checkpoint stores only what has changed, and removes what it replaced', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0), write(2, 3), write(3, 6)]);
  await checkpointed(life);
  const firstPages = [...life.storage.items.keys()].filter((key) => folderOf(key) === 'page');
  await appendOneByOne(life, [write(4, 3)]);
  await checkpointed(life);
  const secondPages = [...life.storage.items.keys()].filter((key) => folderOf(key) === 'page');
  expect(foldersOf(life)).toEqual(['manifest', 'page', 'page', 'page']);
  expect(secondPages.filter((key) => firstPages.includes(key))).toHaveLength(2);
});

test('a checkpoint without any change touches nothing', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1)]);
  await checkpointed(life);
  const before = new Map(life.storage.items);
  await checkpointed(life);
  expect(life.storage.items).toEqual(before);
});

test('starting again rewrites nothing, and keeps pages of earlier epochs', async () => {
  const former = await openLife();
  await appendOneByOne(former, [write(1, 0), write(2, 3)]);
  await checkpointed(former);
  await former.journal.close();

  const later = await openLife(former.storage.items);
  await later.clock.advance(60_000);
  expect(later.storage.calls.filter(({ method }) => method === 'setItem' || method === 'removeItem')).toEqual([]);
  const formerPages = [...later.storage.items.keys()].filter((key) => folderOf(key) === 'page');
  await appendOneByOne(later, [write(3, 0)]);
  await checkpointed(later);
  const pages = [...later.storage.items.keys()].filter((key) => folderOf(key) === 'page');
  expect(pages.filter((key) => formerPages.includes(key))).toHaveLength(1);
  expect((await recoveredFrom(later.storage.items)).store.durable()).toEqual(
    fold([write(1, 0), write(2, 3), write(3, 0)]),
  );
});

test('S29 segments of earlier writers are covered and removed by the next checkpoint', async () => {
  const former = await openLife();
  await appendOneByOne(former, [write(1), write(2)]);
  await former.journal.close();
  const later = await openLife(former.storage.items);
  await appendOneByOne(later, [write(3, 1)]);
  await checkpointed(later);
  expect(foldersOf(later)).toEqual(['manifest', 'page']);
  const manifest = [...later.storage.items].find(([key]) => folderOf(key) === 'manifest')?.[1] as string;
  expect(JSON.parse(manifest.slice(manifest.indexOf('{'))).covered).toEqual({ [former.writer]: 2, [later.writer]: 1 });
  await appendOneByOne(later, [write(4)]);
  await checkpointed(later);
  const next = [...later.storage.items].find(([key]) => folderOf(key) === 'manifest')?.[1] as string;
  expect(JSON.parse(next.slice(next.indexOf('{'))).covered).toEqual({ [later.writer]: 2 });
});

test('a page that becomes empty is dropped', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0), write(2, 3)]);
  await checkpointed(life);
  await appendOneByOne(life, [write(3, 0, null)]);
  await checkpointed(life);
  expect(foldersOf(life)).toEqual(['manifest', 'page']);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(
    fold([write(1, 0), write(2, 3), write(3, 0, null)]),
  );
});

test('a page that becomes empty while the checkpoint runs is not filled again by what the checkpoint does not cover', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0), write(2, 3)]);
  const entries = [write(1, 0), write(2, 3)];
  life.storage.plan(({ method, key }) => {
    if (method === 'setItem' && key !== null && folderOf(key) === 'page' && entries.length === 2) {
      entries.push(write(3, 3, null));
      life.append(...entries.slice(2));
    }
    return 'done';
  });
  await checkpointed(life);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold(entries));
  life.append(write(5, 0));
  await life.clock.advance(0);
  await checkpointed(life);
  expect(foldersOf(life)).toEqual(['manifest', 'page']);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([...entries, write(5, 0)]));
});

test('a checkpoint comes by itself when segments have grown, one page per macrotask, and never holds up a write', async () => {
  const life = await openLife(new Map(), { checkpointBytes: 4 * 1024 });
  const entries = [1, 2, 3, 4].map((sequence) => write(sequence, sequence * 3));
  await appendOneByOne(life, entries.slice(0, 3));
  expect(foldersOf(life)).toEqual(['journal', 'journal', 'journal']);
  life.storage.plan(({ key }) => (key !== null && folderOf(key) === 'page' ? 'late' : 'done'));
  life.append(entries[3] as CounterEntry);
  await life.clock.advance(0);
  const during = life.append(write(5, 0));
  await life.clock.advance(0);
  expect(during.fate).toBe('stored');
  life.storage.plan(() => 'done');
  expect(life.storage.land()).toBe(1);
  await life.clock.advance(0);
  expect(foldersOf(life)).toEqual(['journal', 'manifest', 'page', 'page', 'page', 'page']);
  expect(life.clock.pending()).toBe(0);
});

test('G19 a checkpoint that fails is reported once, tried again, and loses nothing', async () => {
  const life = await openLife(new Map(), { checkpointBytes: 1 });
  life.storage.plan(({ key }) => (key !== null && folderOf(key) === 'page' ? 'failed' : 'done'));
  await appendOneByOne(life, [write(1, 0), fact(2, 3)]);
  await life.clock.advance(90_000);
  expect(life.reports).toEqual(['stored 1', 'failed: storage-failed', 'stored 2']);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0), fact(2, 3)]));
  life.storage.plan(() => 'done');
  await life.clock.advance(90_000);
  expect(life.reports.slice(3)).toEqual(['recovered']);
  expect(foldersOf(life)).toEqual(['manifest', 'page', 'page']);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0), fact(2, 3)]));
});

test('G19 an explicit checkpoint rejects when the storage fails, and pages already stored are used by the next', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0), write(2, 3)]);
  life.storage.plan(({ key }) => (key !== null && folderOf(key) === 'manifest' ? 'failed' : 'done'));
  const failed = life.journal.checkpoint();
  const outcome = expect(failed).rejects.toMatchObject({ code: 'storage-failed' });
  await life.clock.advance(0);
  await outcome;
  life.storage.plan(() => 'done');
  const before = life.storage.calls.length;
  await checkpointed(life);
  const stored = life.storage.calls.slice(before).filter(({ method }) => method === 'setItem');
  expect(stored.map(({ key }) => folderOf(key as string))).toEqual(['manifest']);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0), write(2, 3)]));
});

test('a manifest that lands after a newer one does not win', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0)]);
  life.storage.plan(({ key }) => (key !== null && folderOf(key) === 'manifest' ? 'late' : 'done'));
  const failed = life.journal.checkpoint();
  const outcome = expect(failed).rejects.toMatchObject({ code: 'storage-failed' });
  await life.clock.advance(20_000);
  await outcome;
  life.storage.plan(() => 'done');
  await appendOneByOne(life, [write(2, 0)]);
  await checkpointed(life);
  life.storage.land();
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0), write(2, 0)]));
});

test('S24 close ends a checkpoint under way and leaves no timer', async () => {
  const life = await openLife();
  await appendOneByOne(life, [write(1, 0), write(2, 3)]);
  const checkpoint = life.journal.checkpoint();
  const outcome = expect(checkpoint).rejects.toMatchObject({ code: 'closed' });
  await life.journal.close();
  await outcome;
  expect(life.clock.pending()).toBe(0);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0), write(2, 3)]));
});
