import { IndexedDBAdapter, startOfflineExecutor } from '@tanstack/offline-transactions';
import { createCollection, localOnlyCollectionOptions } from '@tanstack/db';
import { indexes, makeItem } from '../entities.ts';
import { timed } from '../measure.ts';
import { removeDatabase } from '../raw/database.ts';
import { send } from './send.mjs';

let opened = 0;

/** The library says when a transaction is acknowledged, not when it is durable: the storage is asked for that. */
class WatchedStorage extends IndexedDBAdapter {
  stored = 0;
  heard = () => undefined;

  async set(key, value) {
    await super.set(key, value);
    this.stored += 1;
    this.heard();
  }

  async until(stored) {
    while (this.stored < stored) await new Promise((resolve) => (this.heard = resolve));
  }
}

function createSwitch() {
  const listeners = new Set();
  let isOnline = false;
  return {
    isOnline: () => isOnline,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notifyOnline() {
      isOnline = true;
      for (const listener of listeners) listener();
    },
    dispose: () => undefined,
  };
}

async function onFresh(origin, run) {
  opened += 1;
  const name = `peer-tanstack-${opened}`;
  const storage = new WatchedStorage(name);
  const network = createSwitch();
  const items = createCollection(localOnlyCollectionOptions({ id: name, getKey: ({ id }) => id }));
  const mutationFns = {
    send: ({ transaction }) =>
      send(
        origin,
        transaction.mutations.map(({ modified }) => modified),
      ),
  };
  const executor = startOfflineExecutor({ collections: { items }, mutationFns, storage, onlineDetector: network });
  await executor.waitForInit();
  const commits = [];
  const write = (...values) => {
    const transaction = executor.createOfflineTransaction({ mutationFnName: 'send', autoCommit: false });
    transaction.mutate(() => items.insert(values));
    const commit = transaction.commit();
    commit.catch(() => undefined);
    commits.push(commit);
  };
  const ms = await run({ write, storage, network, commits });
  executor.dispose();
  storage.db?.close();
  await removeDatabase(name);
  return ms;
}

/** @type {import('./peer.ts').Peer} */
export const peer = {
  name: 'TanStack offline-transactions',
  writeEach: (writes) =>
    onFresh('', ({ write, storage }) =>
      timed(async () => {
        for (const [index, item] of indexes(writes).map(makeItem).entries()) {
          write(item);
          await storage.until(index + 1);
        }
      }),
    ),
  writeBulk: (writes) =>
    onFresh('', ({ write, storage }) =>
      timed(async () => {
        write(...indexes(writes).map(makeItem));
        await storage.until(1);
      }),
    ),
  /** Transactions of a hundred inserts: one request each. */
  drain: (origin, writes) =>
    onFresh(origin, async ({ write, storage, network, commits }) => {
      const items = indexes(writes).map(makeItem);
      for (let start = 0; start < writes; start += 100) write(...items.slice(start, start + 100));
      await storage.until(commits.length);
      return timed(async () => {
        network.notifyOnline();
        await Promise.all(commits);
      });
    }),
  /** Only what is pending is on disk. */
  startUp: async () => null,
};
