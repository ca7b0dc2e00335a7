import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { indexes, makeItem } from '../entities.ts';
import { timed } from '../measure.ts';
import { send } from './send.mjs';

const text = { type: 'string' };
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 64 },
    title: text,
    body: text,
    owner: text,
    done: { type: 'boolean' },
    priority: { type: 'number' },
    tags: { type: 'array', items: text },
    place: { type: 'object', properties: { column: text, order: { type: 'number' } } },
  },
  required: ['id'],
};
let opened = 0;

async function open(name) {
  const database = await createRxDatabase({
    name,
    storage: getRxStorageDexie(),
    multiInstance: false,
    eventReduce: true,
  });
  await database.addCollections({ items: { schema } });
  return database;
}

async function onFresh(run) {
  opened += 1;
  const database = await open(`peer-rxdb-${opened}`);
  const ms = await run(database.items);
  await database.remove();
  return ms;
}

/** @type {import('./peer.ts').Peer} */
export const peer = {
  name: 'RxDB',
  writeEach: (writes) =>
    onFresh((items) =>
      timed(async () => {
        for (const item of indexes(writes).map(makeItem)) await items.insert(item);
      }),
    ),
  writeBulk: (writes) => onFresh((items) => timed(() => items.bulkInsert(indexes(writes).map(makeItem)))),
  drain: (origin, writes) =>
    onFresh(async (items) => {
      await items.bulkInsert(indexes(writes).map(makeItem));
      let sent = 0;
      const ms = await timed(async () => {
        const replication = replicateRxCollection({
          replicationIdentifier: 'bench',
          collection: items,
          live: false,
          push: {
            batchSize: 100,
            async handler(rows) {
              sent += rows.length;
              await send(
                origin,
                rows.map(({ newDocumentState }) => newDocumentState),
              );
              return [];
            },
          },
        });
        await replication.awaitInitialReplication();
      });
      if (sent !== writes) throw new Error(`Only ${sent} were sent.`);
      return ms;
    }),
  async startUp(entities) {
    const name = `peer-rxdb-start-${entities}-${(opened += 1)}`;
    const first = await open(name);
    await first.items.bulkInsert(indexes(entities).map(makeItem));
    await first.close();
    let database;
    const ms = await timed(async () => {
      database = await open(name);
      return new Map((await database.items.find().exec()).map((document) => [document.primary, document]));
    });
    await database.remove();
    return ms;
  },
};
