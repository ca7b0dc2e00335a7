import { median } from '../measure.ts';
import { peer as dexie } from './dexie.mjs';
import { peer as pouchdb } from './pouchdb.mjs';
import { peer as rxdb } from './rxdb.mjs';
import { peer as syncline } from './syncline.mjs';
import { peer as tanstack } from './tanstack.mjs';

const peers = [syncline, rxdb, pouchdb, dexie, tanstack];
const work = {
  writeEachMs: ({ writeEach }) => writeEach(1_000),
  writeBulkMs: ({ writeBulk }) => writeBulk(10_000),
  drainFewMs: ({ drain }, origin) => drain(origin, 1_000),
  drainManyMs: ({ drain }, origin) => drain(origin, 10_000),
  startUpMs: ({ startUp }) => startUp(10_000),
};

/** All libraries on the same work: each round takes one sample of each in turn. */
export async function benchmark({ origin, rounds }) {
  const results = peers.map(({ name }) => ({ name }));
  for (const [column, run] of Object.entries(work)) {
    const samples = peers.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, peer] of peers.entries()) samples[index].push(await run(peer, origin));
    }
    for (const [index, values] of samples.entries()) {
      results[index][column] = values.includes(null) ? null : median(values);
      console.log(`${column} ${results[index].name}: ${results[index][column]}`);
    }
  }
  return results;
}
