import type { FanOut } from '../ports/fan-out.ts';
import type { Store, StoredChange, StoreReader } from '../ports/store.ts';

/** A page of the feed, with the feed's bounds as they were known when it was read. */
export interface WindowPage {
  readonly floor: number;
  /** Not before the place that was asked about, also where the window has not come as far. */
  readonly head: number;
  readonly changes: readonly StoredChange[];
  /** Whether that was all; otherwise read on after the last change, or after `head` if there was none. */
  readonly isWhole: boolean;
}

/**
 * The newest part of the feed, read from the store once for all sockets of the process. Where nobody read for more changes than
 * are kept, it begins anew at the end of the feed, and whoever is further behind reads the store.
 */
export interface FeedWindow {
  /** Changes of some collections after a place, in feed order. */
  read(after: number, collections: readonly string[]): Promise<WindowPage>;
  /** The next read sees what is committed until now, even if no notification came. */
  refresh(): void;
  /** Idempotent. */
  close(): void;
}

const pageSize = 50;
const changesKept = 1000;

/** `sizeOf` says how much of `sizeMax` a change takes. */
export function createFeedWindow(
  ports: { readonly store: Store; readonly fanOut: FanOut },
  { sizeOf, sizeMax }: { sizeOf: (change: StoredChange) => number; sizeMax: number },
): FeedWindow {
  const { store, fanOut } = ports;
  let kept: readonly StoredChange[] = [];
  let [start, floor, head] = [0, 0, 0];
  let isLoaded = false;
  let isStale = true;
  let loading: Promise<void> | null = null;

  const load = async (): Promise<void> => {
    isStale = false;
    const { from, ...found } = await store.read(async (reader) => {
      const bounds = await reader.bounds();
      const goesOn = isLoaded && bounds.head - head <= changesKept;
      const place = goesOn ? head : bounds.head;
      return { from: place, ...(await readPage(reader, place, null)) };
    });
    if (from !== head || !isLoaded) [start, kept] = [from, []];
    const { dropped, rest } = trim([...kept, ...found.changes], sizeOf, sizeMax);
    start = dropped?.seq ?? start;
    kept = rest;
    floor = found.floor;
    head = found.isWhole ? found.head : (found.changes.at(-1)?.seq ?? head);
    isLoaded = true;
    isStale ||= !found.isWhole;
  };
  const loadOnce = (): Promise<void> => {
    loading ??= load()
      .catch((error: unknown) => {
        isStale = true;
        throw error;
      })
      .finally(() => {
        loading = null;
      });
    return loading;
  };

  const isSettled = (): boolean => !isStale && loading === null;

  return {
    async read(after, collections) {
      for (let round = 1; round <= 2 && !isSettled(); round += 1) await loadOnce();
      if (after < start) return store.read((reader) => readPage(reader, after, collections));
      const newer = kept.slice(firstAfter(kept, after));
      const wanted = newer.filter(({ collection }) => collections.includes(collection));
      const isWhole = wanted.length <= pageSize && isSettled();
      return { floor, head: Math.max(head, after), changes: wanted.slice(0, pageSize), isWhole };
    },
    refresh() {
      isStale = true;
    },
    close: fanOut.subscribe(() => {
      isStale = true;
    }),
  };
}

async function readPage(
  reader: StoreReader,
  after: number,
  collections: readonly string[] | null,
): Promise<WindowPage> {
  const { floor, head } = await reader.bounds();
  const rows = await reader.changes({ after, limit: pageSize + 1, collections });
  return { floor, head, changes: rows.slice(0, pageSize), isWhole: rows.length <= pageSize };
}

function firstAfter(changes: readonly StoredChange[], seq: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

function trim(changes: readonly StoredChange[], sizeOf: (change: StoredChange) => number, sizeMax: number) {
  let size = 0;
  let first = changes.length;
  while (first > Math.max(0, changes.length - changesKept)) {
    size += sizeOf(changes[first - 1] as StoredChange);
    if (size > sizeMax) break;
    first -= 1;
  }
  return { dropped: changes[first - 1], rest: changes.slice(first) };
}
