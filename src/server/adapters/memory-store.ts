import type {
  EntityPosition,
  Expiry,
  FeedChange,
  Store,
  StoredChange,
  StoredEntity,
  StoredRepeat,
  StoreReader,
  StoreTransaction,
} from '../ports/store.ts';
import { createTurns } from './turns.ts';

const placeOf = (collection: string, id: string): string => `${collection}/${id}`;

/** A store that lasts as long as the process: for tests and simulation. `epoch` names this life of the data. */
export function createMemoryStore(epoch: string): Store {
  const entities = new Map<string, StoredEntity>();
  const repeats = new Map<string, StoredRepeat>();
  let feed: StoredChange[] = [];
  let head = 0;
  let floor = 0;
  const turns = createTurns();

  const wanted = (collections: readonly string[] | null, collection: string): boolean =>
    collections === null || collections.includes(collection);

  const reader: StoreReader = {
    entity: async (collection, id) => entities.get(placeOf(collection, id)) ?? null,
    repeat: async (principal, key) => repeats.get(JSON.stringify([principal, key])) ?? null,
    bounds: async () => ({ floor, head }),
    changes: async ({ after, limit, collections }) =>
      feed.filter((change) => change.seq > after && wanted(collections, change.collection)).slice(0, limit),
    entities: async ({ after, limit, collections }) =>
      [...entities.values()]
        .filter((stored) => stored.entity !== null && wanted(collections, stored.collection))
        .filter((stored) => after === null || comparePlaces(stored, after) > 0)
        .toSorted(comparePlaces)
        .slice(0, limit),
  };

  const begin = (): { transaction: StoreTransaction; undo(): void } => {
    const undoSteps: (() => void)[] = [];
    const undoTo = (length: number): void => {
      while (undoSteps.length > length) undoSteps.pop()?.();
    };
    const put = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
      const before = map.get(key);
      undoSteps.push(() => (before === undefined ? map.delete(key) : map.set(key, before)));
      map.set(key, value);
    };
    const transaction: StoreTransaction = {
      ...reader,
      putEntity: async (stored) => put(entities, placeOf(stored.collection, stored.id), stored),
      putRepeat: async (repeat) => put(repeats, JSON.stringify([repeat.principal, repeat.key]), repeat),
      appendChange: async (change: FeedChange) => {
        head += 1;
        feed.push({ ...change, seq: head });
        undoSteps.push(() => {
          feed.pop();
          head -= 1;
        });
        return head;
      },
      savepoint: async (work) => {
        const length = undoSteps.length;
        try {
          return await work();
        } catch (error) {
          undoTo(length);
          throw error;
        }
      },
    };
    return { transaction, undo: () => undoTo(0) };
  };

  return {
    epoch,
    read: (work) => turns.take(() => work(reader)),
    transaction: (work) =>
      turns.take(async () => {
        const { transaction, undo } = begin();
        try {
          return await work(transaction);
        } catch (error) {
          undo();
          throw error;
        }
      }),
    expire: ({ changesBeforeMs, maxChanges, repeatsBeforeMs, limit }: Expiry) =>
      turns.take(async () => {
        const oldEnough = (change: StoredChange): boolean =>
          change.committedAtMs < changesBeforeMs || change.seq <= head - maxChanges;
        const firstKept = feed.findIndex((change) => !oldEnough(change));
        const gone = feed.slice(0, Math.min(limit, firstKept === -1 ? feed.length : firstKept));
        feed = feed.slice(gone.length);
        floor = gone.at(-1)?.seq ?? floor;
        const forgotten = [...repeats].filter(([, repeat]) => repeat.appliedAtMs < repeatsBeforeMs).slice(0, limit);
        for (const [key] of forgotten) repeats.delete(key);
        return gone.length + forgotten.length;
      }),
    close: () => turns.end(),
  };
}

function comparePlaces(a: EntityPosition, b: EntityPosition): number {
  if (a.collection !== b.collection) return a.collection < b.collection ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
