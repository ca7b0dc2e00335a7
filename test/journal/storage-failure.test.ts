import { expect, test } from 'vitest';
import type { StorageFate } from '../../src/testing/planned-storage.ts';
import { fold } from './counter-store.ts';
import { createLife, fact, openLife, recoveredFrom, write } from './journal-life.ts';

const enduredMs = 120_000;

const failing: readonly { name: string; fate: StorageFate }[] = [
  { name: 'that refuses (quota, aborted transaction)', fate: 'failed' },
  { name: 'that never settles', fate: 'silent' },
  { name: 'that stores and never settles', fate: 'unanswered' },
  { name: 'that settles too late', fate: 'late' },
];

test.each(failing)('G19 S31 a storage $name rejects local writes, and works again when it works', async ({ fate }) => {
  const { append, clock, storage, store, reports, journal } = await openLife();
  const before = append(write(1));
  await clock.advance(0);

  storage.plan(({ method }) => (method === 'setItem' ? fate : 'done'));
  const refused = append(write(2), write(3));
  const kept = append(fact(4));
  await clock.advance(25_000);
  expect([before.fate, refused.fate, kept.fate]).toEqual(['stored', 'storage-failed', 'open']);
  expect(reports.slice(0, 3)).toEqual([
    'stored 1',
    'rolled back to 2, kept [4], dropped [2,3]',
    'failed: storage-failed',
  ]);
  expect(store.durable()).toEqual(fold([write(1)]));
  expect(store.waiting()).toEqual([4]);

  storage.plan(() => 'done');
  storage.land();
  await clock.advance(enduredMs);
  const after = append(write(5));
  await clock.advance(0);
  expect([kept.fate, after.fate]).toEqual(['stored', 'stored']);
  expect(reports.slice(3)).toEqual(['stored 2', 'recovered', 'stored 3']);
  expect(clock.pending()).toBe(0);

  await journal.close();
  const later = await recoveredFrom(storage.items);
  expect(later.store.durable()).toEqual(fold([write(1), fact(4), write(5)]));
});

test('G19 a call is made again once, on a fresh connection, before anything is given up', async () => {
  const { append, clock, storage, reports } = await openLife();
  storage.plan(({ step }) => (step === 2 ? 'failed' : 'done'));
  const appended = append(write(1));
  await clock.advance(0);
  expect(appended.fate).toBe('stored');
  expect(storage.calls.map(({ method }) => method)).toEqual(['keys', 'setItem', 'reopen', 'setItem']);
  expect(reports).toEqual(['stored 1']);
});

test('G19 a write that is answered late, while it is made again, is stored', async () => {
  const { append, clock, storage, reports } = await openLife();
  storage.plan(({ step }) => (step === 2 ? 'late' : step === 3 ? 'done' : 'silent'));
  const appended = append(write(1));
  await clock.advance(15_000);
  expect([storage.calls.map(({ method }) => method), appended.fate]).toEqual([
    ['keys', 'setItem', 'reopen', 'setItem'],
    'open',
  ]);
  storage.land();
  await clock.advance(0);
  expect([reports, appended.fate, clock.pending()]).toEqual([['stored 1'], 'stored', 0]);
});

test('G19 a connection that cannot be reopened is no second try', async () => {
  const { append, clock, storage } = await openLife();
  storage.plan(({ method }) => (method === 'keys' ? 'done' : 'failed'));
  const appended = append(write(1));
  await clock.advance(0);
  expect(appended.fate).toBe('storage-failed');
  expect(storage.calls.map(({ method }) => method)).toEqual(['keys', 'setItem', 'reopen']);
});

test('S31 writes appended while the failing write is under way go down with it, facts stay in order', async () => {
  const { append, clock, storage, reports } = await openLife();
  storage.plan(() => 'silent');
  const first = append(fact(1));
  await clock.advance(5_000);
  const second = append(write(2));
  const third = append(fact(3));
  await clock.advance(15_000);
  expect([first.fate, second.fate, third.fate]).toEqual(['open', 'storage-failed', 'open']);
  expect([first.group, second.group, third.group]).toEqual([1, 2, 2]);
  expect(reports[0]).toBe('rolled back to 1, kept [1,3], dropped [2]');

  storage.plan(() => 'done');
  const fourth = append(write(4));
  expect(fourth.group).toBe(2);
  await clock.advance(0);
  expect([first.fate, third.fate, fourth.fate]).toEqual(['stored', 'stored', 'stored']);
  expect((await recoveredFrom(storage.items)).store.durable()).toEqual(fold([fact(1), fact(3), write(4)]));
});

test('S31 facts of several groups move to the one that is tried again', async () => {
  const { append, clock, storage, reports, store } = await openLife();
  storage.plan(() => 'silent');
  const first = append(fact(1));
  await clock.advance(5_000);
  const second = append(fact(2));
  await clock.advance(15_000);
  expect(reports).toEqual(['rolled back to 1, kept [1,2], dropped []', 'failed: storage-failed']);
  storage.plan(() => 'done');
  await clock.advance(enduredMs);
  expect([first.fate, second.fate]).toEqual(['stored', 'stored']);
  expect(store.durable()).toEqual(fold([fact(1), fact(2)]));
});

test('S31 each write tried while the storage fails fails on its own, and is tried at once', async () => {
  const { append, clock, storage, reports } = await openLife();
  storage.plan(({ method }) => (method === 'setItem' ? 'failed' : 'done'));
  for (const sequence of [1, 2]) {
    const appended = append(write(sequence));
    await clock.advance(0);
    expect(appended.fate).toBe('storage-failed');
  }
  expect(reports).toEqual([
    'rolled back to 1, kept [], dropped [1]',
    'failed: storage-failed',
    'rolled back to 1, kept [], dropped [2]',
    'failed: storage-failed',
  ]);
});

test('S31 retries back off to 30 s and report nothing new', async () => {
  const { append, clock, storage, reports } = await openLife(new Map(), { random: () => 0.999 });
  storage.plan(({ method }) => (method === 'setItem' ? 'failed' : 'done'));
  append(fact(1));
  await clock.advance(0);
  const triesAt: number[] = [];
  const startedAt = clock.now();
  storage.plan(({ method }) => {
    if (method === 'reopen') triesAt.push(Math.round((clock.now() - startedAt) / 1000));
    return method === 'setItem' ? 'failed' : 'done';
  });
  await clock.advance(130_000);
  expect(triesAt).toEqual([1, 3, 7, 15, 31, 61, 91, 121]);
  expect(reports).toEqual(['failed: storage-failed']);
});

test('S31 a write that landed after it was rejected does not come back', async () => {
  const { append, clock, storage, journal } = await openLife();
  storage.plan(({ method }) => (method === 'setItem' ? 'late' : 'done'));
  const rejected = append(write(1));
  await clock.advance(20_000);
  expect(rejected.fate).toBe('storage-failed');
  storage.plan(() => 'done');
  expect(storage.land()).toBe(2);
  await clock.advance(0);
  expect((await recoveredFrom(storage.items)).store.durable()).toEqual(fold([]));
  await journal.close();
});

test('S31 a write that lands over a newer one is replaced by it again', async () => {
  const { append, clock, storage } = await openLife();
  storage.plan(({ method }) => (method === 'setItem' ? 'late' : 'done'));
  append(write(1));
  await clock.advance(20_000);
  storage.plan(() => 'done');
  const newer = append(write(2));
  await clock.advance(0);
  expect(newer.fate).toBe('stored');
  storage.land();
  await clock.advance(0);
  expect((await recoveredFrom(storage.items)).store.durable()).toEqual(fold([write(2)]));
});

test('G19 a failing encryption rejects the write like a failing storage', async () => {
  const { append, clock, reports } = await openLife(new Map(), {
    codec: { encode: () => Promise.reject(new Error('no key')), decode: (_key, bytes) => Promise.resolve(bytes) },
  });
  const appended = append(write(1));
  await clock.advance(0);
  expect(appended.fate).toBe('storage-failed');
  expect(reports).toEqual(['rolled back to 1, kept [], dropped [1]', 'failed: storage-failed']);
});

test.each([
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['nothing', undefined],
])('G19 an encryption that gives %s instead of bytes rejects the write, and the journal goes on', async (_, answer) => {
  let given: unknown = answer;
  const life = await openLife(new Map(), {
    codec: {
      encode: () => Promise.resolve(given as Uint8Array),
      decode: (_key, bytes) => Promise.resolve(bytes),
    },
  });
  const refused = life.append(write(1));
  await life.clock.advance(0);
  given = new Uint8Array(8);
  const taken = life.append(write(2));
  await life.clock.advance(0);
  expect([refused.fate, taken.fate]).toEqual(['storage-failed', 'stored']);
  await life.journal.close();
});

test('S24 close tries once more what is left, leaves its promise open and no timer behind', async () => {
  const { append, clock, storage, journal } = await openLife();
  storage.plan(({ method }) => (method === 'setItem' ? 'failed' : 'done'));
  const kept = append(fact(1));
  await clock.advance(0);
  const failedCalls = storage.calls.length;
  await journal.close();
  expect(storage.calls.length).toBe(failedCalls + 3);
  expect(kept.fate).toBe('open');
  expect(clock.pending()).toBe(0);
});

test('G19 recovery rejects when the storage cannot be read, and can be tried again', async () => {
  const { storage: former } = await openLife().then(async (life) => {
    life.append(write(1));
    await life.journal.close();
    return life;
  });

  const life = createLife(former.items);
  life.storage.plan(() => 'failed');
  await expect(life.journal.recover(() => life.store.sink)).rejects.toMatchObject({ code: 'storage-failed' });
  life.storage.plan(() => 'done');
  await life.journal.recover(() => life.store.sink);
  expect(life.store.durable()).toEqual(fold([write(1)]));
});
