import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRestApiClient } from '../../../src/rest.ts';
import { createRequestContext } from '../../support/request-context.ts';
import { createListServer, type ListServer } from './list-server.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../../core/run-property.ts';

const ids = 'abcdefghij'.split('');
const paths = [
  '/rows?sort=time&since={since}&page={page}&limit={limit}',
  '/rows?sort=time&since={since}&offset={offset}&limit={limit}',
  '/rows?sort=time&since={since}&after={after}&limit={limit}',
];

const write = fc.record({
  id: fc.constantFrom(...ids),
  laterByMs: fc.constantFrom(0, 1, 50),
  lateByMs: fc.constantFrom(0, 4),
});
/** What happens before each answer of the list. */
const happenings = commandsOf(fc.array(write, { maxLength: 3 }));

function follower(server: ListServer, path: string) {
  const client = createRestApiClient({
    baseUrl: 'https://api.example.com',
    fetch: (url) => server.fetch(url),
    version: { pointer: '/rev' },
    clock: { now: () => server.nowMs, setTimeout: () => 0, clearTimeout: () => undefined },
    list: { path, feed: 'updated-at', maxLimit: 3, overlapMs: 5 },
  });
  const seen = new Map<string, unknown>();
  let cursor: string | null = null;
  return {
    seen,
    async catchUp(): Promise<void> {
      for (;;) {
        const page = await client.changes!('rows', { cursor, limit: 500 }, createRequestContext());
        for (const { id, record } of page.changes) seen.set(id, record.version);
        cursor = page.cursor;
        if (!page.hasMore) return;
      }
    },
  };
}

test.each(paths)(
  'G11 whatever is written while a list by time is read, committed late or not, it is seen in the end: %s',
  async (path) => {
    let pagesDuringWrites = 0;
    const property = fc.asyncProperty(fc.array(write, { maxLength: 20 }), happenings, async (first, during) => {
      const server = createListServer();
      for (const { id, laterByMs, lateByMs } of first) server.write(id, 'first', laterByMs, lateByMs);
      const { seen, catchUp } = follower(server, path);
      const left = [...during];
      server.beforeAnswer = () => {
        for (const { id, laterByMs, lateByMs } of left.shift() ?? []) {
          server.write(id, 'during', laterByMs, lateByMs);
          pagesDuringWrites += 1;
        }
      };
      while (left.length > 0) await catchUp();
      await catchUp();
      const held = [...server.rows.values()].map(({ id, rev }) => [id, rev]);
      expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(held));
    });
    await runAsyncProperty(property, 300);
    expectSeen(pagesDuringWrites, 100);
  },
);
