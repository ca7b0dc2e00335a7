import { test } from 'vitest';
import { openLibsqlDatabase } from '../../src/server/adapters/libsql-database.ts';
import { createLibsqlStore } from '../../src/server/adapters/libsql-store.ts';
import { createMemoryStore, type Store } from '../../src/server/index.ts';
import { expectSeen, runAsyncProperty } from '../core/run-property.ts';
import { feedRace } from './support/feed-race.ts';

const stores: readonly (readonly [string, () => Promise<Store>])[] = [
  ['memory', async () => createMemoryStore('life-1')],
  ['libsql', async () => createLibsqlStore(await openLibsqlDatabase(':memory:'), () => 'life-1')],
];

test.each(stores)(
  'G11 whoever follows the cursors of the feed on %s, while writers commit and fail to, is told of what was committed, once',
  async (_, open) => {
    const counts = { pages: 0, raced: 0, lost: 0 };
    await runAsyncProperty(feedRace(open, counts), 200);
    expectSeen(counts.pages, 2_000, 'pages');
    expectSeen(counts.raced, 500, 'pages that raced');
    expectSeen(counts.lost, 100, 'lost transactions');
  },
);
