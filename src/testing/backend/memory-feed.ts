import { CursorExpiredError } from '../../core/errors.ts';
import type { ChangePage, RemoteChange } from '../../core/record.ts';

/** The changes of a backend in the order in which they were made. */
export interface MemoryFeed {
  append(change: RemoteChange): void;
  /** One page after `cursor`; null: everything, as a snapshot. Throws `CursorExpiredError`. */
  page(collection: string, cursor: string | null, limit: number): ChangePage;
  /** What a channel (`notes` or `notes/7`) was told after `cursor`; null: from now on. Throws `CursorExpiredError`. */
  after(channel: string, cursor: string | null): readonly RemoteChange[];
  readonly end: string;
}

/** An empty feed. Cursors below the position that `oldest` gives have expired. */
export function createMemoryFeed(oldest: () => number): MemoryFeed {
  const changes: RemoteChange[] = [];

  function positionOf(cursor: string): number {
    const position = Number(cursor);
    if (!Number.isInteger(position) || position < oldest() || position > changes.length) throw new CursorExpiredError();
    return position;
  }

  function snapshot(collection: string, start: string, afterId: string | null, limit: number): ChangePage {
    positionOf(start);
    const latest = new Map<string, RemoteChange>();
    for (const change of changes) if (change.collection === collection) latest.set(change.id, change);
    const rest = [...latest.values()]
      .filter(({ id, record }) => record.entity !== null && (afterId === null || id > afterId))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const taken = rest.slice(0, limit);
    const hasMore = taken.length < rest.length;
    const cursor = hasMore ? `${start}>${taken.at(-1)?.id ?? ''}` : start;
    return { changes: taken, cursor, hasMore, snapshot: true };
  }

  return {
    append: (change) => void changes.push({ ...change, cursor: `${changes.length + 1}` }),
    page(collection, cursor, limit) {
      if (cursor === null) return snapshot(collection, `${changes.length}`, null, limit);
      const [start = '', ...afterId] = cursor.split('>');
      if (afterId.length > 0) return snapshot(collection, start, afterId.join('>'), limit);
      const rest = changes.slice(positionOf(cursor)).filter((change) => change.collection === collection);
      const taken = rest.slice(0, limit);
      const hasMore = taken.length < rest.length;
      return { changes: taken, cursor: hasMore ? (taken.at(-1)?.cursor ?? cursor) : `${changes.length}`, hasMore };
    },
    after(channel, cursor) {
      const [collection, ...id] = channel.split('/');
      const followed = (change: RemoteChange): boolean =>
        change.collection === collection && (id.length === 0 || change.id === id.join('/'));
      return changes.slice(cursor === null ? changes.length : positionOf(cursor)).filter(followed);
    },
    get end() {
      return `${changes.length}`;
    },
  };
}
