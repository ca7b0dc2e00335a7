import PouchDB from 'pouchdb-browser';
import { indexes, makeItem } from '../entities.ts';
import { timed } from '../measure.ts';

const name = 'peer-pouchdb';
const open = () => new PouchDB(name, { auto_compaction: false });
const documents = (length) => indexes(length).map((index) => ({ _id: makeItem(index).id, ...makeItem(index) }));

async function onFresh(run) {
  const database = open();
  await database.info();
  const ms = await run(database);
  await database.destroy();
  return ms;
}

/** @type {import('./peer.ts').Peer} */
export const peer = {
  name: 'PouchDB',
  writeEach: (writes) =>
    onFresh((database) =>
      timed(async () => {
        for (const document of documents(writes)) await database.put(document);
      }),
    ),
  writeBulk: (writes) => onFresh((database) => timed(() => database.bulkDocs(documents(writes)))),
  drain: (origin, writes) =>
    onFresh(async (database) => {
      await database.bulkDocs(documents(writes));
      let result;
      const ms = await timed(async () => {
        result = await database.replicate.to(`${origin}/couch`, { batch_size: 100 });
      });
      if (result.docs_written !== writes) throw new Error(`Only ${result.docs_written} were written.`);
      return ms;
    }),
  async startUp(entities) {
    const first = open();
    await first.bulkDocs(documents(entities));
    await first.close();
    let database;
    const ms = await timed(async () => {
      database = open();
      const { rows } = await database.allDocs({ include_docs: true });
      return new Map(rows.map(({ id, doc }) => [id, doc]));
    });
    await database.destroy();
    return ms;
  },
};
