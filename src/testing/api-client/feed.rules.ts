import type { RemoteChange, ServerRecord } from '../../core/record.ts';
import { expectEqual, expectRefusal, expectThat, show } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';
import { createFeedReader } from './feed-reader.ts';

const undeclared = ({ client }: ApiClientBench): string | null =>
  client.changes ? null : 'the client has no `changes`; it is read entity by entity, with collection.load(id).';

/** Rules about the change feed. */
export const feedRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'feed-complete',
    cites: 'S38',
    title: 'from nothing, the pages mention every entity that there is, and each page keeps to its limit',
    remedy:
      'From a null cursor give every entity of the collection, in pages of at most `limit`, until `hasMore` is false. What a snapshot does not mention is removed from the client.',
    skips: undeclared,
    async check(bench) {
      const ids = await createSome(bench, 5);
      const { pages, changes } = await createFeedReader(bench).catchUp(null, 2);
      const missing = ids.filter((id) => !changes.some((change) => change.id === id && change.record.entity));
      expectThat(missing.length === 0, `Of five entities, the pages from nothing do not mention ${show(missing)}.`);
      const largest = Math.max(...pages.map((page) => page.changes.length));
      expectThat(largest <= 2, `A page that was asked for with the limit 2 has ${largest} changes.`);
    },
  },
  {
    id: 'feed-without-deleted',
    cites: 'S38',
    title: 'from nothing, what was deleted is not there',
    remedy: 'Leave deleted entities out of a snapshot, or give their tombstones: { entity: null, deleted: true }.',
    skips: undeclared,
    async check(bench) {
      const id = bench.newId('deleted');
      await bench.remove(id, bench.versionOf(await bench.create(id, 'first')));
      const { changes } = await createFeedReader(bench).catchUp(null, 100);
      const last = changes.findLast((change) => change.id === id);
      expectEqual(last?.record.entity ?? null, null, 'In the pages from nothing, the entity that was deleted');
    },
  },
  {
    id: 'feed-tells-changes',
    cites: 'S38',
    title: 'from a cursor on, every later change is told, deletions included, in the order in which they were made',
    remedy:
      'Keep the changes in commit order with a position for each, deletions as tombstones, and give those after the cursor. A query by `updatedAt` misses what has the same time.',
    skips: undeclared,
    async check(bench) {
      const { create, newId, remove, retitle, versionOf } = bench;
      const reader = createFeedReader(bench);
      const [a, b, c] = [newId('a'), newId('b'), newId('c')];
      const [first, second] = [await create(a, 'first'), await create(b, 'first')];
      const { cursor } = await reader.catchUp(null, 100);
      const updated = await retitle(first, 'second');
      await remove(b, versionOf(second));
      const created = await create(c, 'first');
      const { changes } = await reader.catchUp(cursor, 1);
      expectTold(bench, changes, a, updated);
      expectTold(bench, changes, b, null);
      expectTold(bench, changes, c, created);
      const order = [a, b, c].map((id) => changes.findLastIndex((change) => change.id === id));
      const isOrdered = order.every((at, index) => at > (order[index - 1] ?? -1));
      expectThat(isOrdered, `An update, a delete and a create, in this order, are told at the places ${show(order)}.`);
    },
  },
  {
    id: 'feed-nothing-new',
    cites: 'S38',
    title: 'at the end there is nothing, and a cursor to go on from',
    remedy: 'Answer { changes: [], cursor, hasMore: false } with a cursor that stays valid, the same or a newer one.',
    skips: undeclared,
    async check(bench) {
      const reader = createFeedReader(bench);
      const [id = ''] = await createSome(bench, 1);
      const { cursor } = await reader.catchUp(null, 100);
      const quiet = await reader.catchUp(cursor, 100);
      const told = quiet.changes.filter((change) => change.id === id);
      expectThat(told.length === 0, `After everything was read, the change ${show(told[0])} is told again.`);
      const [later = ''] = await createSome(bench, 1);
      const { changes } = await reader.catchUp(quiet.cursor, 100);
      expectThat(
        changes.some((change) => change.id === later),
        'A change made after an empty page is not told.',
      );
    },
  },
  {
    id: 'feed-same-again',
    cites: 'S38',
    title: 'a cursor can be read from again',
    remedy:
      'Let a cursor be a position that reading does not move: a client that dies before it has stored a page asks for it again.',
    skips: undeclared,
    async check(bench) {
      const reader = createFeedReader(bench);
      const { cursor } = await reader.catchUp(null, 100);
      const ids = await createSome(bench, 3);
      const idsFrom = async (): Promise<readonly string[]> =>
        (await reader.catchUp(cursor, 100)).changes.map(({ id }) => id).filter((id) => ids.includes(id));
      const [first, again] = [await idsFrom(), await idsFrom()];
      expectEqual(again, first, 'What is told from a cursor the second time');
    },
  },
  {
    id: 'feed-no-gap',
    cites: 'G4 S38',
    title: 'no change is skipped while several clients write',
    remedy:
      'Give positions in commit order: under a lock, or read only up to the oldest open transaction. With a plain sequence a later number can be committed, and read, before an earlier one, which is then skipped for ever.',
    skips: undeclared,
    async check(bench) {
      const reader = createFeedReader(bench);
      let { cursor } = await reader.catchUp(null, 100);
      const told = new Set<string>();
      let isWriting = true;
      const writers = Array.from({ length: 6 }, () => createSome(bench, 6));
      const writing = Promise.all(writers).finally(() => (isWriting = false));
      const read = async (): Promise<void> => {
        const caught = await reader.catchUp(cursor, 3);
        cursor = caught.cursor;
        for (const { id } of caught.changes) told.add(id);
      };
      const reading = (async () => {
        while (isWriting) {
          await read();
          await nextTurn();
        }
      })();
      const [written] = await Promise.all([writing, reading]);
      await read();
      const missing = written.flat().filter((id) => !told.has(id));
      expectThat(
        missing.length === 0,
        `Of 36 creates by six clients at once, ${missing.length} are never told, such as ${show(missing[0])}.`,
      );
    },
  },
  {
    id: 'feed-cursor-expired',
    cites: 'S38',
    title: 'a cursor that is not known is expired',
    remedy:
      'Throw CursorExpiredError (HTTP 410) for a cursor that is too old or was never given out: the client takes a snapshot. An empty page would leave it behind for ever.',
    skips: undeclared,
    async check(bench) {
      const asking = createFeedReader(bench).page('no-such-cursor', 10);
      await expectRefusal(asking, ['cursor-expired'], 'Reading from a cursor that was never given out');
    },
  },
  {
    id: 'feed-collections-apart',
    cites: 'S41',
    title: 'the feed of a collection holds nothing of another',
    remedy: 'Filter the changes by collection. A cursor belongs to one collection.',
    skips: undeclared,
    async check(bench) {
      const { call, client, entity, newId, newKey, sample } = bench;
      const id = newId('other');
      const reader = createFeedReader(bench);
      const { cursor } = await reader.catchUp(null, 100);
      await call('create', (context) => client.create(sample.otherCollection, entity(id, 'x'), context), {
        idempotencyKey: newKey(),
      });
      await createSome(bench, 1);
      for (const from of [cursor, null]) {
        const { changes } = await reader.catchUp(from, 100);
        const stray = changes.find((change) => change.id === id || change.collection !== sample.collection);
        expectThat(stray === undefined, `The feed of ${sample.collection} tells ${show(stray)}.`);
      }
    },
  },
  {
    id: 'feed-names-key',
    cites: 'G9 S6',
    title: 'a change that names a request or a client names the right one',
    remedy:
      'Store the idempotency key and the client id of a write with its change, and tell them: they are how a client recognises its own. A wrong key acknowledges what never happened.',
    skips: undeclared,
    async check(bench) {
      const { create, newId, newKey } = bench;
      const reader = createFeedReader(bench);
      const { cursor } = await reader.catchUp(null, 100);
      const id = newId('key');
      const idempotencyKey = newKey();
      await create(id, 'first', { idempotencyKey, clientId: 'the-writer' });
      const change = (await reader.catchUp(cursor, 100)).changes.find((each) => each.id === id);
      expectThat(change !== undefined, 'A create is not told.');
      expectEqual(change.idempotencyKey ?? idempotencyKey, idempotencyKey, 'The key of a change');
      expectEqual(change.clientId ?? 'the-writer', 'the-writer', 'The client id of a change');
    },
  },
];

/** A backend in memory answers without a turn of the event loop: the writers would never come to theirs. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

async function createSome({ create, newId }: ApiClientBench, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => newId(`some-${index}`));
  for (const id of ids) await create(id, 'first');
  return ids;
}

function expectTold(
  { isVersioned, textOf }: ApiClientBench,
  changes: readonly RemoteChange[],
  id: string,
  wanted: ServerRecord | null,
): void {
  const change = changes.findLast((each) => each.id === id);
  const what = wanted === null ? 'delete' : 'write';
  expectThat(change !== undefined, `A ${what} of ${show(id)} after the cursor is not told.`);
  const { record, patch } = change;
  if (wanted === null) {
    const isTombstone = record.entity === null && patch === undefined;
    return expectThat(isTombstone, `A delete is told as ${show(change)}, not as { entity: null, deleted: true }.`);
  }
  if (patch === undefined) expectEqual(textOf(record), textOf(wanted), 'The text in the feed');
  if (isVersioned) expectEqual(record.version, wanted.version, 'The version in the feed');
}
