import { expect, test } from 'vitest';
import { fold } from './counter-store.ts';
import { appended, checkpointed, openLife, recoveredFrom, write } from './journal-life.ts';

const sequencesIn = async (items: Map<string, unknown>) =>
  [...(await recoveredFrom(items)).store.durable().sequences].sort((a, b) => a - b);

test('S30 a journal that has been superseded stores no more pages and removes nothing', async () => {
  const first = await openLife();
  const second = await openLife(first.storage.items);
  await appended(first, 1);
  await appended(second, 2);
  await checkpointed(second);
  await appended(first, 3);
  await checkpointed(first);
  await appended(second, 4);
  await checkpointed(second);
  await appended(first, 5);
  expect(await sequencesIn(first.storage.items)).toEqual([1, 2, 3, 4, 5]);
});

test('S30 a later journal leaves the pages alone when an earlier one stored newer ones since', async () => {
  const first = await openLife();
  await appended(first, 1);
  await checkpointed(first);
  const second = await openLife(first.storage.items);
  await appended(first, 2);
  await checkpointed(first);
  await appended(second, 3);
  await checkpointed(second);
  await checkpointed(first);
  expect(await sequencesIn(first.storage.items)).toEqual([1, 2, 3]);
});

test('S30 two checkpoints at the same time both withdraw, and nothing is lost', async () => {
  const first = await openLife();
  const second = await openLife(first.storage.items);
  await appended(first, 1);
  await appended(second, 2);
  for (const life of [first, second]) {
    life.storage.plan(({ key }) => (key?.includes('/manifest/') ? 'late' : 'done'));
  }
  const both = Promise.all([first.journal.checkpoint(), second.journal.checkpoint()]);
  for (const life of [first, second]) await life.clock.advance(0);
  expect([first.storage.land(), second.storage.land()]).toEqual([1, 1]);
  for (const life of [first, second]) life.storage.plan(() => 'done');
  for (const life of [first, second]) await life.clock.advance(0);
  await both;
  expect([...first.storage.items.keys()].filter((key) => key.includes('/journal/'))).toHaveLength(2);
  expect(await sequencesIn(first.storage.items)).toEqual([1, 2]);
});

test('S30 a checkpoint withdraws when another was completed while it ran', async () => {
  const first = await openLife();
  const second = await openLife(first.storage.items);
  await appended(first, 1);
  await appended(second, 2);
  second.storage.plan(({ key }) => (key?.includes('/page/') ? 'late' : 'done'));
  const slow = second.journal.checkpoint();
  await second.clock.advance(0);
  await checkpointed(first);
  second.storage.land();
  await second.clock.advance(0);
  await slow;
  expect(await sequencesIn(first.storage.items)).toEqual([1, 2]);
  expect([...first.storage.items.keys()].filter((key) => key.includes('/manifest/'))).toEqual([
    expect.stringContaining(first.writer),
  ]);
});

test('S30 each life stores under a higher epoch than all before it', async () => {
  const epochs: number[] = [];
  const items = new Map<string, unknown>();
  for (const sequence of [1, 2, 3]) {
    const life = await openLife(items);
    await appended(life, sequence);
    await checkpointed(life);
    const manifest = [...items.keys()].find((key) => key.includes('/manifest/')) as string;
    epochs.push(Number(manifest.split('/manifest/')[1]?.split('-')[0]));
    await life.journal.close();
  }
  expect(epochs).toEqual([1, 2, 3]);
});

test('storage wiped while open: it is reported, and what is in memory is written again', async () => {
  const life = await openLife();
  await appended(life, 1, 0);
  await appended(life, 2, 3);
  await checkpointed(life);
  await appended(life, 3, 6);
  expect(await life.journal.verify()).toBe(true);
  life.storage.items.clear();
  expect(await life.journal.verify()).toBe(false);
  expect(life.reports.at(-1)).toBe('lost');
  await life.clock.advance(0);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(
    fold([write(1, 0), write(2, 3), write(3, 6)]),
  );
  expect(await life.journal.verify()).toBe(true);
});

test('storage wiped while open: a checkpoint finds it, too', async () => {
  const life = await openLife();
  await appended(life, 1, 0);
  life.storage.items.clear();
  await checkpointed(life);
  expect(life.reports).toEqual(['stored 1', 'lost']);
  await life.clock.advance(0);
  expect((await recoveredFrom(life.storage.items)).store.durable()).toEqual(fold([write(1, 0)]));
});

test('a storage that another journal has tidied up does not count as wiped', async () => {
  const first = await openLife();
  await appended(first, 1);
  await checkpointed(first);
  await appended(first, 2);
  const second = await openLife(first.storage.items);
  await appended(second, 3);
  await checkpointed(second);
  expect([await first.journal.verify(), await second.journal.verify()]).toEqual([true, true]);
});
