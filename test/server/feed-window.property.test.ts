import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLocalFanOut, createMemoryStore, type Store } from '../../src/server/index.ts';
import { createFeedWindow } from '../../src/server/sockets/feed-window.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';

const appendOne = (store: Store, collection: string): Promise<number> =>
  store.transaction((transaction) =>
    transaction.appendChange({
      collection,
      id: 'a',
      version: 1,
      entity: { id: 'a' },
      updatedAt: '2026-01-01T00:00:00.000Z',
      idempotencyKey: 'k',
      clientId: 'c',
      baseVersion: null,
      before: null,
      patch: null,
      committedAtMs: 0,
    }),
  );

test('G15 changes that nobody follows are stepped over at once, however many, and none that is followed is lost', async () => {
  const store = createMemoryStore('life-1');
  const fanOut = createLocalFanOut();
  let rowsRead = 0;
  const counted: Store = {
    ...store,
    read: (work) =>
      store.read((reader) =>
        work({
          ...reader,
          changes: async (query) => {
            const rows = await reader.changes(query);
            rowsRead += rows.length;
            return rows;
          },
        }),
      ),
  };
  const window = createFeedWindow({ store: counted, fanOut }, { sizeOf: () => 1, sizeMax: 1e9 });
  const read = async (after: number): Promise<{ readonly seqs: readonly number[]; readonly reached: number }> => {
    const { changes, head, isWhole } = await window.read(after, ['notes']);
    return { seqs: changes.map(({ seq }) => seq), reached: isWhole ? head : -1 };
  };
  await read(0);
  for (let n = 1; n <= 2000; n += 1) await appendOne(store, n === 700 ? 'notes' : 'tasks');
  await appendOne(store, 'notes');
  fanOut.publish(['notes', 'tasks']);
  expect(await read(0)).toEqual({ seqs: [700, 2001], reached: 2001 });
  expect(rowsRead).toBe(2);
  await appendOne(store, 'notes');
  fanOut.publish(['notes']);
  expect(await read(2001)).toEqual({ seqs: [2002], reached: 2002 });
  window.close();
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), reader: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
);

test('G11 readers of one window, however they interleave with commits, get every change once and in order', async () => {
  let pagesFromThePast = 0;
  const property = fc.asyncProperty(commandsOf(step), fc.integer({ min: 1, max: 60 }), async (steps, kept) => {
    const store = createMemoryStore('life-1');
    const fanOut = createLocalFanOut();
    const window = createFeedWindow({ store, fanOut }, { sizeOf: () => 1, sizeMax: kept });
    const readers = ['notes', 'tasks', 'notes', 'tasks'].map((collection) => ({
      collection,
      seqs: [] as number[],
      place: 0,
    }));
    const truth: { readonly seq: number; readonly collection: string }[] = [];
    const running: Promise<void>[] = [];

    const readOn = async (reader: (typeof readers)[number]): Promise<boolean> => {
      const from = reader.place;
      const page = await window.read(from, [reader.collection]);
      if (reader.place !== from) return false;
      reader.seqs.push(...page.changes.map(({ seq }) => seq));
      reader.place = page.isWhole ? page.head : (page.changes.at(-1)?.seq ?? page.head);
      if (page.head - from > kept) pagesFromThePast += 1;
      return page.isWhole;
    };

    for (const each of steps) {
      if (each.kind === 'settle') await Promise.all(running.splice(0));
      if (each.kind === 'read') running.push(readOn(readers[each.reader]!).then(() => {}));
      if (each.kind === 'append') {
        const append = async (): Promise<void> => {
          for (let n = 0; n < each.count; n += 1) {
            const collection = n % 3 === 0 ? 'tasks' : 'notes';
            truth.push({ seq: await appendOne(store, collection), collection });
          }
          fanOut.publish(['notes', 'tasks']);
        };
        running.push(append());
      }
    }
    await Promise.all(running);
    for (const reader of readers) while (!(await readOn(reader)));
    for (const { collection, seqs } of readers) {
      expect(seqs).toEqual(
        truth
          .filter((change) => change.collection === collection)
          .map(({ seq }) => seq)
          .toSorted((a, b) => a - b),
      );
    }
    window.close();
  });
  await runAsyncProperty(property, 200);
  expectSeen(pagesFromThePast, 100);
});
