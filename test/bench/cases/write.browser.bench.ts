import localforage from 'localforage';
import { atLeast, atMost, type Benchmark, type Line } from '../benchmark.ts';
import { collection, makeItem } from '../entities.ts';
import { alternate, count, formatMs, ratioLine, timed } from '../measure.ts';
import { openRawDatabase, removeDatabase } from '../raw/database.ts';
import { createRawJournal } from '../raw/journal.ts';
import { rawRequest } from '../raw/request.ts';
import { openInBrowser } from '../services.ts';

/** Un-awaited writes until all are durable. */
export const benchmark: Benchmark = async ({ origin, rounds }) => {
  const lines: Line[] = [];
  for (const writes of [100, 1_000, 10_000]) {
    const isNominal = writes === 10_000;
    const sides = await alternate({ ours: () => ours(origin, writes), journal: () => rawJournal(writes) }, rounds);
    const { setItem } = await alternate({ setItem: () => setItems(writes) }, isNominal ? 1 : rounds, isNominal ? 0 : 1);
    const work = `${count(writes)} un-awaited writes until durable`;
    lines.push(ratioLine(work, sides.ours, sides.journal, 'raw journal', isNominal ? atMost(3) : null), {
      work: `${work}: times faster`,
      ours: formatMs(sides.ours),
      limit: `a localforage setItem per write: ${formatMs(setItem)}`,
      measured: setItem / sides.ours,
      unit: 'x',
      target: isNominal ? atLeast(30) : null,
    });
  }
  return lines;
};

async function ours(origin: string, writes: number): Promise<number> {
  const { service, remove } = await openInBrowser(origin);
  service.pause();
  const items = service.collection(collection);
  const ms = await timed(async () => {
    const durable = [];
    for (let index = 0; index < writes; index += 1) durable.push(items.put(makeItem(index)).durable);
    await Promise.all(durable);
  });
  await remove();
  return ms;
}

async function rawJournal(writes: number): Promise<number> {
  const database = await openRawDatabase('raw');
  const journal = createRawJournal(database);
  const itemsById = new Map<string, object>();
  const ms = await timed(async () => {
    const durable = [];
    for (let index = 0; index < writes; index += 1) {
      const request = rawRequest(index);
      itemsById.set(request.entityId, request.entity);
      durable.push(journal.append(JSON.stringify(request)));
    }
    await Promise.all(durable);
  });
  database.close();
  await removeDatabase('raw');
  return ms;
}

async function setItems(writes: number): Promise<number> {
  const store = localforage.createInstance({ name: 'forage', driver: localforage.INDEXEDDB });
  await store.ready();
  const ms = await timed(async () => {
    const durable = [];
    for (let index = 0; index < writes; index += 1) {
      const request = rawRequest(index);
      durable.push(store.setItem(request.entityId, request));
    }
    await Promise.all(durable);
  });
  await store.dropInstance({ name: 'forage' });
  return ms;
}
