import type { RemoteChange } from '../core/record.ts';
import { createFetchQueue, type FetchQueueParts } from './fetch-queue.ts';
import { isChange } from './read-feed.ts';
import type { ChangeTaker } from './take-changes.ts';

export interface FrameParts extends FetchQueueParts {
  readonly taker: ChangeTaker;
  /** Everything from before the socket opened is here: frames lead on from the cursor. */
  isLive(): boolean;
  /** The socket carries all changes of the collection, not only those of single entities. */
  isWhole(collection: string): boolean;
  followed(): readonly string[];
}

/** Frames of a socket. Those of one tick are taken in together, up to a bound: a flood neither fills the memory nor a task. */
export interface FrameBuffer {
  /** A change that a transport claims to have heard. One that is none counts as missed. */
  add(change: unknown): void;
  /** Something was missed, nobody knows what. */
  missed(): void;
  close(): void;
}

const mostAtOnce = 500;

/** A buffer for one connection. */
export function createFrameBuffer(parts: FrameParts): FrameBuffer {
  const { clock, taker, commit, tell, report, gaps, replica } = parts;
  let frames: RemoteChange[] = [];
  let timer: unknown = null;
  const fetches = createFetchQueue(parts);

  /** A cursor moves on only from where the feed was read to: what lies between would never be fetched. */
  const leadsOn = (collection: string) =>
    parts.isLive() &&
    parts.isWhole(collection) &&
    !gaps.has(collection) &&
    (!parts.canPull || typeof replica.feed.cursors.get(collection) === 'string');

  function takeIn(collection: string, changes: readonly RemoteChange[]): void {
    const cursor = leadsOn(collection) ? changes[changes.length - 1]?.cursor : undefined;
    const taken = taker.take(collection, changes, cursor);
    const { entries, foreign, toFetch } = taken.toFetch.length === 0 ? taken : taker.take(collection, changes);
    if (entries.length > 0) void commit(entries);
    tell(foreign);
    fetches.add(toFetch);
  }

  function empty(): readonly RemoteChange[] {
    clock.clearTimeout(timer);
    timer = null;
    const held = frames;
    frames = [];
    return held;
  }

  function flush(): void {
    for (const [collection, changes] of groupByCollection(empty())) takeIn(collection, changes);
  }

  function missed(): void {
    for (const collection of parts.followed()) gaps.missed(collection);
    report({ type: 'feed.pull' });
  }

  return {
    add(change) {
      if (!isChange(change)) return missed();
      frames.push(change);
      if (frames.length === mostAtOnce) return flush();
      timer ??= clock.setTimeout(flush, 0);
    },
    missed,
    close() {
      empty();
      fetches.close();
    },
  };
}

function groupByCollection(changes: readonly RemoteChange[]): Map<string, RemoteChange[]> {
  const byCollection = new Map<string, RemoteChange[]>();
  for (const change of changes) {
    const group = byCollection.get(change.collection);
    if (group) group.push(change);
    else byCollection.set(change.collection, [change]);
  }
  return byCollection;
}
