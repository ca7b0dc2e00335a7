import Dexie from 'dexie';
import { indexes, makeItem } from '../entities.ts';
import { timed } from '../measure.ts';
import { send } from './send.mjs';

const name = 'peer-dexie';

function open() {
  const database = new Dexie(name);
  database.version(1).stores({ items: 'id', outbox: '++place' });
  return database.open();
}

async function onFresh(run) {
  const database = await open();
  const ms = await run(database);
  await database.delete();
  return ms;
}

const bulk = (database, writes) =>
  database.transaction('rw', database.items, database.outbox, async () => {
    const items = indexes(writes).map(makeItem);
    await database.items.bulkPut(items);
    await database.outbox.bulkAdd(items.map((item) => ({ item })));
  });

/**
 * It has no synchronisation of its own without its cloud: entity and outbox in one transaction, and the shortest loop over
 * the outbox.
 *
 * @type {import('./peer.ts').Peer}
 */
export const peer = {
  name: 'Dexie',
  writeEach: (writes) =>
    onFresh((database) =>
      timed(async () => {
        for (const item of indexes(writes).map(makeItem)) {
          await database.transaction('rw', database.items, database.outbox, async () => {
            await database.items.put(item);
            await database.outbox.add({ item });
          });
        }
      }),
    ),
  writeBulk: (writes) => onFresh((database) => timed(() => bulk(database, writes))),
  drain: (origin, writes) =>
    onFresh(async (database) => {
      await bulk(database, writes);
      return timed(async () => {
        for (;;) {
          const page = await database.outbox.limit(100).toArray();
          if (page.length === 0) return;
          await send(
            origin,
            page.map(({ item }) => item),
          );
          await database.outbox.bulkDelete(page.map(({ place }) => place));
        }
      });
    }),
  async startUp(entities) {
    const first = await open();
    await first.items.bulkPut(indexes(entities).map(makeItem));
    first.close();
    let database;
    const ms = await timed(async () => {
      database = await open();
      return new Map((await database.items.toArray()).map((item) => [item.id, item]));
    });
    await database.delete();
    return ms;
  },
};
