import fc from 'fast-check';
import { expect } from 'vitest';
import { createSyncServer, type Store } from '../../../src/server/index.ts';
import { commandsOf } from '../../core/run-property.ts';
import { createApi, type Api } from './api.ts';

type Step =
  | { readonly kind: 'write'; readonly changes: number; readonly isLost: boolean }
  | { readonly kind: 'read'; readonly reader: number; readonly limit: number }
  | { readonly kind: 'pass'; readonly turns: number };

/** How often what the race is about came to pass. */
export interface RaceCounts {
  pages: number;
  /** Reads while a transaction waited for its turn, or had it. */
  raced: number;
  lost: number;
}

interface Reader {
  readonly ids: string[];
  cursor: string;
}

const readers = 3;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      changes: fc.integer({ min: 1, max: 3 }),
      isLost: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      reader: fc.nat({ max: readers - 1 }),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), turns: fc.integer({ min: 1, max: 4 }) }) },
);

/**
 * Readers that follow the cursors of their pages, while writers commit, or fail to at the last moment, get every change that was
 * committed, once and in order, and no other.
 */
export function feedRace(open: () => Promise<Store>, counts: RaceCounts): fc.IAsyncProperty<[Step[]]> {
  return fc.asyncProperty(commandsOf(step), async (steps) => {
    const store = createSlowStore(await open(), counts);
    const api = createApi(await createSyncServer({ database: store, reportFailure: () => {} }));
    const all = Array.from({ length: readers }, (): Reader => ({ ids: [], cursor: 'life-1.0' }));
    const running: Promise<unknown>[] = [];
    let written = 0;

    const begin = (work: Promise<unknown>): void => {
      running.push(work);
      // What fails before all have ended is told then.
      void work.catch(() => undefined);
    };
    const write = async ({ changes, isLost }: Step & { readonly kind: 'write' }): Promise<void> => {
      const requests = Array.from({ length: changes }, () => createRequest((written += 1)));
      store.losesNext ||= isLost;
      const { status } = await api.batch(requests);
      if (status === 500) counts.lost += 1;
    };
    const read = async (reader: Reader, limit: number): Promise<boolean> => {
      const from = reader.cursor;
      const page = await readPage(api, from, limit);
      counts.pages += 1;
      if (reader.cursor !== from) return true;
      reader.ids.push(...page.ids);
      reader.cursor = page.cursor;
      return page.hasMore;
    };

    for (const each of steps) {
      if (each.kind === 'pass') await pass(each.turns);
      if (each.kind === 'write') begin(write(each));
      if (each.kind === 'read') begin(read(all[each.reader] as Reader, each.limit));
    }
    await Promise.all(running);
    for (const reader of all) while (await read(reader, 100));
    const { ids } = await readPage(api, 'life-1.0', 1_000);
    expect(all.map((reader) => reader.ids)).toEqual(all.map(() => ids));
    await store.close();
  });
}

async function readPage(
  api: Api,
  since: string,
  limit: number,
): Promise<{ readonly ids: readonly string[]; readonly cursor: string; readonly hasMore: boolean }> {
  const { status, body } = await api.get(`/v1/changes?since=${since}&limit=${limit}`);
  expect([status, body]).toMatchObject([200, { epoch: 'life-1' }]);
  return { ids: (body.changes as readonly { id: string }[]).map(({ id }) => id), ...body };
}

const createRequest = (number: number) => ({
  idempotencyKey: `k${number}`,
  type: 'create',
  collection: 'notes',
  entityId: `n${number}`,
  entity: { id: `n${number}` },
  baseVersion: null,
});

/** Takes its time to commit, and undoes a transaction at its end when it is told to lose the next. */
function createSlowStore(store: Store, counts: RaceCounts): Store & { losesNext: boolean } {
  let underWay = 0;
  const slow: Store & { losesNext: boolean } = {
    ...store,
    losesNext: false,
    read(work) {
      if (underWay > 0) counts.raced += 1;
      return store.read(work);
    },
    transaction(work) {
      underWay += 1;
      const transaction = store.transaction(async (inner) => {
        const result = await work(inner);
        await pass(2);
        const isLost = slow.losesNext;
        slow.losesNext = false;
        if (isLost) throw new Error('disk full');
        return result;
      });
      return transaction.finally(() => {
        underWay -= 1;
      });
    },
  };
  return slow;
}

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
