import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import { SyncError } from '../core/errors.ts';
import type { RemoteChange } from '../core/record.ts';
import type { Gaps } from '../feed/gaps.ts';
import type { Clock } from '../ports/environment.ts';
import type { BackOff } from './back-off.ts';
import { pause } from './pause.ts';
import { fetchChange, fetchesAtOnce, type FeedParts } from './read-feed.ts';

/** Fetches entities of which frames say only that there is something: a few at a time, each once for all that is said of it meanwhile. */
export interface FetchQueue {
  add(changes: readonly RemoteChange[]): void;
  /** What is not here yet is left to the next connection. */
  close(): void;
}

export interface FetchQueueParts extends Pick<FeedParts, 'replica' | 'fetcher' | 'commit' | 'tell'> {
  readonly clock: Clock;
  readonly backOff: BackOff;
  readonly gaps: Gaps;
  /** The collection has a feed that can be read: it brings what cannot be fetched. */
  readonly canPull: boolean;
  report(event: RootEvent): void;
}

interface Missing {
  readonly change: RemoteChange;
  /** It is here, or will not be. */
  close(): void;
}

/** A queue of nothing. Without a feed, what may still be had is asked for again with back-off. */
export function createFetchQueue(parts: FetchQueueParts): FetchQueue {
  const { clock, gaps } = parts;
  const missing = new Map<string, Missing>();
  const end = new AbortController();
  let isBusy = false;

  const keyOf = ({ collection, id }: RemoteChange) => `${collection}/${id}`;

  function leave({ change, close }: Missing): void {
    if (parts.canPull) gaps.missed(change.collection);
    close();
  }

  /** Whether it has to be asked for again. */
  async function fetchOne(wanted: Missing): Promise<boolean> {
    const { change, close } = wanted;
    try {
      const refusal = await fetchChange(parts, change);
      if (refusal) throw refusal;
      close();
      return false;
    } catch (error) {
      const isLater = !parts.canPull && error instanceof SyncError && error.retryable && !end.signal.aborted;
      if (!isLater || missing.has(keyOf(change))) leave(wanted);
      else missing.set(keyOf(change), wanted);
      if (parts.canPull) parts.report({ type: 'feed.pull' });
      return isLater;
    }
  }

  function nextGroup(): readonly Missing[] {
    const group = [...missing.values()].slice(0, fetchesAtOnce);
    for (const { change } of group) missing.delete(keyOf(change));
    return group;
  }

  async function work(): Promise<void> {
    isBusy = true;
    for (let failures = 0; missing.size > 0;) {
      const again = await Promise.all(nextGroup().map(fetchOne));
      failures = again.includes(true) ? failures + 1 : 0;
      if (failures > 0) await pause(clock, parts.backOff(failures - 1), end.signal);
    }
    isBusy = false;
  }

  return {
    add(changes) {
      for (const change of changes) {
        const key = keyOf(change);
        if (!missing.has(key)) missing.set(key, { change, close: gaps.fetching(change.collection) });
      }
      if (!isBusy) void work();
    },
    close() {
      end.abort();
      for (const left of missing.values()) leave(left);
      missing.clear();
    },
  };
}
