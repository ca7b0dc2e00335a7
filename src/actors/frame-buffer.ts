import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { RemoteChange } from '../core/record.ts';
import type { Gaps } from '../feed/gaps.ts';
import type { Clock } from '../ports/environment.ts';
import { fetchChange, type FeedParts } from './read-feed.ts';
import type { ChangeTaker } from './take-changes.ts';

export interface FrameParts extends Pick<FeedParts, 'replica' | 'fetcher' | 'commit' | 'tell'> {
  readonly clock: Clock;
  readonly taker: ChangeTaker;
  readonly gaps: Gaps;
  /** Everything from before the socket opened is here: frames lead on from the cursor. */
  isLive(): boolean;
  /** The socket carries all changes of the collection, not only those of single entities. */
  isWhole(collection: string): boolean;
  /** The collection has a feed that can be read. */
  readonly canPull: boolean;
  followed(): readonly string[];
  report(event: RootEvent): void;
}

/** Frames of a socket. Those of one tick are taken in together. */
export interface FrameBuffer {
  add(change: RemoteChange): void;
  /** Something was missed, nobody knows what. */
  missed(): void;
  close(): void;
}

export function createFrameBuffer(parts: FrameParts): FrameBuffer {
  const { clock, taker, commit, tell, report, gaps, replica } = parts;
  let frames: RemoteChange[] = [];
  let timer: unknown = null;

  /** A cursor moves on only from where the feed was read to: what lies between would never be fetched. */
  const leadsOn = (collection: string) =>
    parts.isLive() &&
    parts.isWhole(collection) &&
    !gaps.has(collection) &&
    (!parts.canPull || typeof replica.feed.cursors.get(collection) === 'string');

  async function fetchAll(collection: string, changes: readonly RemoteChange[]): Promise<void> {
    const close = gaps.open(collection);
    try {
      await Promise.all(changes.map((change) => fetchChange(parts, change)));
      close();
    } catch {
      report({ type: 'feed.pull' });
    }
  }

  function takeIn(collection: string, changes: readonly RemoteChange[]): void {
    const cursor = leadsOn(collection) ? changes[changes.length - 1]?.cursor : undefined;
    const taken = taker.take(collection, changes, cursor);
    const { entries, foreign, toFetch } = taken.toFetch.length === 0 ? taken : taker.take(collection, changes);
    if (entries.length > 0) void commit(entries);
    tell(foreign);
    if (toFetch.length > 0) void fetchAll(collection, toFetch);
  }

  function flush(): void {
    timer = null;
    const byCollection = groupByCollection(frames);
    frames = [];
    for (const [collection, changes] of byCollection) takeIn(collection, changes);
  }

  return {
    add(change) {
      frames.push(change);
      timer ??= clock.setTimeout(flush, 0);
    },
    missed() {
      for (const collection of parts.followed()) gaps.open(collection);
      report({ type: 'feed.pull' });
    },
    close() {
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
      frames = [];
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
