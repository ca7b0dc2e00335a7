import { expect, test } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { fold } from './counter-store.ts';
import {
  appended,
  checkpointed,
  createLife,
  fact,
  openLife,
  reached,
  recoverAnew,
  recoveredFrom,
  takeLead,
  write,
} from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createScramblingCodec } from './scrambling-codec.ts';

const codec = createScramblingCodec('leading');
const shared = { shared: true, checkpointBytes: Infinity } as const;

const keysOf = (items: Map<string, unknown>, kind: string) =>
  [...items.keys()].filter((key) => key.includes(`/${kind}/`));
const plainIn = (items: Map<string, unknown>) =>
  [...items].flatMap(([key, value]) => (typeof value === 'string' ? [key] : []));

/** One that leads, over what is in `items`. */
async function leading(items: Map<string, unknown>, options = {}): Promise<JournalLife> {
  const life = createLife(items, { ...shared, ...options });
  await takeLead(life);
  return life;
}

test('S29 the checkpoint that a start demands waits until the journal leads', async () => {
  const former = await openLife();
  await appended(former, 1, 0);
  await appended(former, 2, 3);
  await former.journal.close();
  const { items } = former.storage;
  expect(plainIn(items)).toHaveLength(2);
  await leading(items, { codec });
  expect([keysOf(items, 'journal'), plainIn(items)]).toEqual([[], []]);
  expect((await recoveredFrom(items, { codec })).store.durable()).toEqual(fold([write(1, 0), write(2, 3)]));
});

test('S29 segments that were there at the start count as grown when the journal leads', async () => {
  const former = await openLife();
  for (const sequence of [1, 2, 3]) await appended(former, sequence);
  await former.journal.close();
  await leading(former.storage.items, { checkpointBytes: 3 * 1024 });
  expect(keysOf(former.storage.items, 'journal')).toEqual([]);
});

test('S29 segments that were read several times before the journal leads count once', async () => {
  const former = await openLife();
  for (const sequence of [1, 2, 3]) await appended(former, sequence);
  await former.journal.close();
  const { items } = former.storage;
  const life = createLife(items, { ...shared, checkpointBytes: 4 * 1024 });
  for (const _ of [1, 2]) await recoverAnew(life);
  await takeLead(life);
  expect(keysOf(items, 'journal')).toHaveLength(3);
});

test('G1 pages that the leader before stored unencrypted are encrypted at a take-over, and none is lost', async () => {
  const first = await leading(new Map());
  const { items } = first.storage;
  await appended(first, 1, 0);
  await checkpointed(first);
  const second = await openLife(items, { ...shared, codec });
  await appended(first, 2, 3);
  await checkpointed(first);
  await first.journal.close();
  await takeLead(second);
  await appended(second, 3, 6);
  await checkpointed(second);
  expect(plainIn(items)).toEqual([]);
  expect((await recoveredFrom(items, { codec })).store.durable()).toEqual(
    fold([write(1, 0), write(2, 3), write(3, 6)]),
  );
});

/** A leader whose predecessor's manifest is under way, and lands when it is told to. */
async function overtaken() {
  const former = await leading(new Map());
  const { items } = former.storage;
  await appended(former, 1, 0);
  await appended(former, 2, 3);
  await checkpointed(former);
  await appended(former, 3, 0);
  former.storage.plan(({ method, key }) => {
    if (method === 'setItem' && key?.includes('/manifest/')) return 'late';
    return method === 'keys' && keysOf(items, 'claim').length > 1 ? 'silent' : 'done';
  });
  void former.journal.checkpoint();
  await former.clock.advance(0);
  const life = await leading(items);
  former.storage.plan(() => 'silent');
  return { life, items, former };
}

test('G1 a look whether everything is there keeps out of a checkpoint that is under way', async () => {
  const { life, items, former } = await overtaken();
  await appended(life, 4, 0);
  life.storage.plan(({ key }) => (key?.includes('/page/') ? 'late' : 'done'));
  const checkpoint = life.journal.checkpoint();
  await life.clock.advance(0);
  former.storage.land();
  const verified = life.journal.verify();
  await life.clock.advance(0);
  life.storage.plan(() => 'done');
  life.storage.land();
  await life.clock.advance(0);
  await checkpoint;
  expect([await verified, life.reports]).toEqual([true, ['stored 1', 'overtaken']]);
  const expected = fold([write(1, 0), write(2, 3), write(3, 0), write(4, 0)]);
  expect((await recoveredFrom(items)).store.durable()).toEqual(expected);
});

test('G1 pages that were stored after a take-over are written again at once', async () => {
  const { life, items, former } = await overtaken();
  former.storage.land();
  expect(await life.journal.verify()).toBe(true);
  const before = life.storage.calls.length;
  await life.clock.advance(0);
  const stored = life.storage.calls.slice(before).filter(({ method }) => method === 'setItem');
  expect([life.reports, stored.map(({ key }) => key?.split('/')[4])]).toEqual([
    ['overtaken'],
    ['page', 'page', 'manifest'],
  ]);
  expect((await recoveredFrom(items)).store.durable()).toEqual(fold([write(1, 0), write(2, 3), write(3, 0)]));
});

test('G1 a page that was under way when the lead was lost is not listed when it is won again', async () => {
  const life = await leading(new Map());
  const { items } = life.storage;
  await appended(life, 1, 0);
  life.storage.plan(({ key }) => (key?.includes('/page/') ? 'late' : 'done'));
  void life.journal.checkpoint();
  await life.clock.advance(0);
  life.journal.overrule();
  life.journal.resign();

  const rival = await leading(items);
  await appended(rival, 2, 0);
  await checkpointed(rival);
  await rival.journal.close();

  life.storage.plan(() => 'done');
  const lead = takeLead(life);
  await life.clock.advance(0);
  life.storage.land();
  await life.clock.advance(0);
  await lead;
  await appended(life, 3, 3);
  await checkpointed(life);
  expect((await recoveredFrom(items)).store.durable()).toEqual(fold([write(1, 0), write(2, 0), write(3, 3)]));
});

test('S30 a leader that finds a higher claim when it stores pages is deposed, and stores nothing more', async () => {
  const life = await leading(new Map());
  await appended(life, 1, 0);
  const claimant = createLife(life.storage.items, shared);
  await claimant.journal.claim();
  await checkpointed(life);
  await appended(life, 2, 0);
  expect(life.reports).toEqual(['stored 1', 'deposed']);
  expect(keysOf(life.storage.items, 'journal')).toHaveLength(1);
});

test('S30 a manifest that a former leader has withdrawn is not taken for lost data', async () => {
  const { former, items } = await overtaken();
  former.storage.land();
  const withdrawn = keysOf(items, 'manifest').find(
    (key) => key.endsWith(former.writer) && key.includes('/1-'),
  ) as string;
  const life = createLife(items, shared);
  await takeLead(life);
  await appended(life, 4, 6);
  const latest = keysOf(items, 'manifest').toSorted().at(-1) as string;
  expect([latest.endsWith(former.writer), withdrawn.length > 0]).toEqual([true, true]);
  items.delete(latest);
  expect(await life.journal.verify()).toBe(true);
  await life.clock.advance(0);
  expect(life.reports).toEqual(['stored 1', 'overtaken']);
  expect((await recoveredFrom(items)).store.durable()).toEqual(
    fold([write(1, 0), write(2, 3), write(3, 0), write(4, 6)]),
  );
});

test('G19 a flush ends when what it waits for is given up, also after the storage has failed', async () => {
  const redoings = [() => Promise.resolve(), () => Promise.reject(new SyncError('storage-failed', 'full'))];
  for (const redo of redoings) {
    const life = await leading(new Map());
    life.storage.plan(({ method }) => (method === 'setItem' ? 'failed' : 'done'));
    life.append(fact(1));
    const flushedBefore = life.journal.flush();
    await life.clock.advance(0);
    life.append(fact(2));
    const flushedAfter = life.journal.flush();
    await life.clock.advance(0);
    life.journal.overrule();
    life.journal.resign()(0, redo());
    expect([await reached(life, flushedBefore), await reached(life, flushedAfter)]).toEqual([true, true]);
    await life.journal.close();
  }
});

test('G1 S30 what a deposed leader could not store may be there: what it stores next has a number of its own', async () => {
  const life = await leading(new Map());
  const { items } = life.storage;
  await appended(life, 1, 0);
  life.storage.plan(({ method }) => (method === 'setItem' ? 'late' : 'done'));
  life.append(fact(2));
  await life.clock.advance(20_000);
  life.journal.overrule();
  life.journal.resign();
  life.storage.plan(() => 'done');
  await appended(life, 3);
  life.storage.land();
  await life.clock.advance(0);
  const numbers = keysOf(items, 'journal').map((key) => Number(key.split('/').at(-1)));
  expect([life.reports.includes('failed: storage-failed'), numbers]).toEqual([true, [1, 2, 3]]);
  expect((await recoveredFrom(items)).store.durable()).toEqual(fold([write(1, 0), write(3)]));
});

test('S30 what could not be stored is left as it is where another leader goes by it', async () => {
  const items = new Map<string, unknown>();
  const life = await leading(items);
  await appended(life, 1);
  const key = (keysOf(items, 'journal')[0] as string).replace(/1$/, '2');
  const fates = ['unanswered', 'unanswered'] as const;
  let attempts = 0;
  life.storage.plan(({ method }) => (method === 'setItem' ? (fates[attempts++] ?? 'failed') : 'done'));
  life.append(fact(2));
  const dropped = life.append(write(3));
  await life.clock.advance(20_000);
  life.storage.plan(() => 'done');
  const read = items.get(key);
  expect([dropped.fate, typeof read]).toEqual(['storage-failed', 'string']);
  await leading(items);
  await life.clock.advance(60_000);
  expect([life.journal.isOverruled, items.get(key)]).toEqual([true, read]);
  life.journal.resign()(2, Promise.resolve());
  await appended(life, 4);
  expect([items.get(key), life.journal.position]).toEqual([read, 3]);
});

test('S30 a claim stands that could not remove those that it beat', async () => {
  const items = new Map<string, unknown>();
  await leading(items);
  const later = createLife(items, shared);
  later.storage.plan(({ method }) => (method === 'removeItem' ? 'failed' : 'done'));
  await takeLead(later);
  expect([later.journal.isOverruled, keysOf(items, 'claim').length]).toEqual([false, 2]);
  later.storage.plan(() => 'done');
  await leading(items);
  expect(keysOf(items, 'claim')).toHaveLength(1);
});

test('S24 close leaves no timer of an attempt that nothing is left for', async () => {
  const life = await leading(new Map());
  life.storage.plan(({ method }) => (method === 'setItem' ? 'failed' : 'done'));
  life.append(fact(1));
  await life.clock.advance(0);
  life.journal.overrule();
  life.journal.resign();
  await life.journal.close();
  expect(life.clock.pending()).toBe(0);
});

test('S30 nothing is claimed over what the encryption does not open, or none is given for', async () => {
  const { items } = (await leading(new Map(), { codec })).storage;
  const life = createLife(items, { ...shared, codec });
  await takeLead(life);
  await appended(life, 1);
  const before = structuredClone(items);
  for (const other of [undefined, createScramblingCodec('another')]) {
    const claimant = createLife(items, { ...shared, codec: other });
    await expect(claimant.journal.claim()).rejects.toMatchObject({ code: 'storage-locked' });
  }
  expect(items).toEqual(before);
});

test.each(['setAndList', 'keys'] as const)(
  'S30 G1 a leader that nobody told of the next one says of nothing more that it is stored, by %s',
  async (method) => {
    const items = new Map<string, unknown>();
    const life = createLife(items, { ...shared, ...(method === 'keys' ? {} : { storage: listingStorage(items) }) });
    await takeLead(life);
    const before = life.append(write(1));
    await life.clock.advance(0);
    const next = createLife(items, shared);
    await takeLead(next);
    const after = life.append(write(2));
    await life.clock.advance(0);
    expect([before.fate, after.fate, life.journal.isOverruled]).toEqual(['stored', 'open', true]);
    expect(life.reports.at(-1)).toBe('deposed');
    expect(next.append(write(3)).fate).toBe('open');
    await next.clock.advance(0);
    expect(next.reports.at(-1)).toBe('stored 1');
  },
);

/** A storage that lists while it stores, and not without. */
function listingStorage(items: Map<string, unknown>): KeyValueStorage {
  const storage = createPlannedStorage(items);
  let isLeading = false;
  return {
    ...storage,
    keys: () => (isLeading ? Promise.reject(new Error('not asked for')) : storage.keys()),
    async setAndList(key, value, prefix) {
      isLeading = true;
      await storage.setItem(key, value);
      return [...items.keys()].filter((each) => each.startsWith(prefix));
    },
  };
}

test('S30 what a follower drafts is stored whoever leads, also after a claim that led to nothing', async () => {
  const items = new Map<string, unknown>();
  const life = createLife(items, { ...shared, isDrafting: () => true });
  await life.journal.claim();
  await recoverAnew(life);
  await takeLead(createLife(items, shared));
  const draft = life.append(write(1));
  await life.clock.advance(0);
  expect([draft.fate, life.journal.isOverruled]).toEqual(['stored', false]);
});
