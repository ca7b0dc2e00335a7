import { expect, test } from 'vitest';
import { fold } from './counter-store.ts';
import { openLife, recoveredFrom, write } from './journal-life.ts';

const writesOf = (calls: readonly { method: string }[]) => calls.filter(({ method }) => method === 'setItem').length;

test('S28 what is written in one tick shares one storage write, and so does all that is written meanwhile', async () => {
  const { append, clock, storage, journal, reports } = await openLife();
  const first = [1, 2, 3].map((sequence) => append(write(sequence)));
  let fatesAtFirst: string[] = [];
  storage.plan(({ step }) => {
    if (step === 2) for (const sequence of [4, 5, 6]) append(write(sequence));
    return 'done';
  });
  await clock.advance(0);
  fatesAtFirst = first.map(({ fate }) => fate);
  expect(fatesAtFirst).toEqual(['stored', 'stored', 'stored']);
  expect(first.map(({ group }) => group)).toEqual([1, 1, 1]);
  expect(writesOf(storage.calls)).toBe(2);
  expect(reports).toEqual(['stored 1', 'stored 2']);
  expect(journal.position).toBe(2);
});

test('S28 10,000 writes in one tick are a handful of storage writes, each of about 1 MiB at most', async () => {
  const { append, clock, storage, journal } = await openLife();
  const entries = Array.from({ length: 10_000 }, (_, index) => write(index, index % 100));
  const appended = entries.map((entry) => append(entry));
  await clock.advance(0);
  expect(writesOf(storage.calls)).toBeLessThanOrEqual(3);
  expect(appended.every(({ fate }) => fate === 'stored')).toBe(true);
  await journal.close();
  const later = await recoveredFrom(storage.items);
  expect(later.store.durable()).toEqual(fold(entries));
});

test('S28 groups are split at 1 MiB, the entries of one call never', async () => {
  const { append, clock, storage } = await openLife(new Map(), { checkpointBytes: Infinity });
  const large = (sequence: number) => ({ ...write(sequence), filler: 'x'.repeat(400_000) });
  const groups = [append(large(1)), append(large(2)), append(large(3), large(4), large(5), large(6)), append(write(7))];
  expect(groups.map(({ group }) => group)).toEqual([1, 1, 2, 3]);
  await clock.advance(0);
  expect(groups.map(({ fate }) => fate)).toEqual(['stored', 'stored', 'stored', 'stored']);
  const sizes = [...storage.items.values()].map((record) => Math.round((record as string).length / 400_000));
  expect(sizes).toEqual([2, 4, 0]);
});

test('S28 an entry is stored as it was when it was appended', async () => {
  const { append, clock, storage } = await openLife();
  const entry = { ...write(1, 0) };
  append(entry);
  entry.counter = 8;
  await clock.advance(0);
  const later = await recoveredFrom(storage.items);
  expect(later.store.durable()).toEqual(fold([write(1, 0)]));
});

test('flush resolves when everything appended before is stored', async () => {
  const { append, journal, storage } = await openLife();
  append(write(1));
  append(write(2));
  await journal.flush();
  expect(journal.position).toBe(1);
  expect(storage.items.size).toBe(1);
  await journal.flush();
});

test('before recovery and after close nothing is accepted', async () => {
  const { journal, append, clock, storage } = await openLife();
  const last = append(write(1));
  await journal.close();
  await journal.close();
  expect(last.fate).toBe('stored');
  expect(() => append(write(2))).toThrow(expect.objectContaining({ code: 'closed' }));
  await expect(journal.recover(() => ({ meta() {}, page() {}, segment() {} }))).rejects.toMatchObject({
    code: 'closed',
  });
  expect(clock.pending()).toBe(0);
  expect(storage.items.size).toBe(1);
});
