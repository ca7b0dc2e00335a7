import type { Access } from './access.ts';
import { toChangeJson, toRemovalJson, toSnapshotJson, type ChangeJson } from './change-json.ts';
import { formatCursor, parseCursor, type Cursor } from './cursor.ts';
import type { Principal } from './options.ts';
import type { Store, StoredChange, StoredEntity } from './ports/store.ts';
import { fail } from './problem.ts';
import { toEntityJson } from './record-json.ts';

export interface FeedQuery {
  /** Null: from a snapshot on. */
  readonly since: string | null;
  readonly limit: number;
  /** Null: all. */
  readonly collections: readonly string[] | null;
}

export interface FeedPage {
  readonly epoch: string;
  readonly changes: readonly ChangeJson[];
  readonly cursor: string;
  readonly hasMore: boolean;
  /** The page belongs to a snapshot: up to `hasMore: false`, what is not mentioned is not there. */
  readonly snapshot?: true;
}

export interface FeedReader {
  /**
   * One page, as far as the principal may read. Without `since` pages of all entities that are there come first; their last
   * cursor is the feed's place before the first of them was read, so that nothing is missed (S38).
   * Fails with `cursor-expired` when the feed does not reach back to the cursor, or it is of another life of the data.
   */
  page(principal: Principal, query: FeedQuery): Promise<FeedPage>;
}

export function createFeedReader(store: Store, access: Access): FeedReader {
  const { epoch } = store;

  const feedPage = async (principal: Principal, seq: number, { limit, collections }: FeedQuery): Promise<FeedPage> => {
    const { rows, head } = await store.read(async (reader) => {
      const bounds = await reader.bounds();
      if (seq < bounds.floor || seq > bounds.head) fail('cursor-expired', { epoch });
      return { rows: await reader.changes({ after: seq, limit: limit + 1, collections }), head: bounds.head };
    });
    const hasMore = rows.length > limit;
    const shown = rows.slice(0, limit);
    const visible = await Promise.all(
      shown.map((row) => showChange(access, principal, row, formatCursor({ epoch, seq: row.seq }))),
    );
    const last = hasMore ? (shown.at(-1)?.seq ?? seq) : head;
    const changes = visible.filter((change) => change !== null);
    return { epoch, changes, cursor: formatCursor({ epoch, seq: last }), hasMore };
  };

  const snapshotPage = async (principal: Principal, from: Cursor | null, query: FeedQuery): Promise<FeedPage> => {
    const { limit, collections } = query;
    const { rows, seq } = await store.read(async (reader) => {
      const bounds = await reader.bounds();
      const start = from?.seq ?? bounds.head;
      if (start < bounds.floor || start > bounds.head) fail('cursor-expired', { epoch });
      return { rows: await reader.entities({ after: from?.after ?? null, limit: limit + 1, collections }), seq: start };
    });
    const hasMore = rows.length > limit;
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const after = hasMore && last !== undefined ? { after: { collection: last.collection, id: last.id } } : {};
    const readable = await Promise.all(
      shown.map((row) => access.may(principal, 'read', row.collection, toEntityJson(row))),
    );
    const changes = shown
      .filter((_, index) => readable[index] === true)
      .map((row: StoredEntity) => toSnapshotJson(row));
    return { epoch, changes, cursor: formatCursor({ epoch, seq, ...after }), hasMore, snapshot: true };
  };

  return {
    page(principal, query) {
      if (query.since === null) return snapshotPage(principal, null, query);
      const cursor = parseCursor(query.since);
      if (cursor === null || cursor.epoch !== epoch) return fail('cursor-expired', { epoch });
      return cursor.after === undefined
        ? feedPage(principal, cursor.seq, query)
        : snapshotPage(principal, cursor, query);
    },
  };
}

/**
 * A change as the principal may see it: as it is, as a removal when it takes the entity out of what the principal may
 * read, or not at all.
 */
export async function showChange(
  access: Access,
  principal: Principal,
  change: StoredChange,
  cursor: string,
): Promise<ChangeJson | null> {
  const { collection } = change;
  const after = toEntityJson(change);
  if (after !== null && (await access.may(principal, 'read', collection, after))) return toChangeJson(change, cursor);
  const before = toEntityJson({ ...change, entity: change.before, version: change.baseVersion ?? 0 });
  if (before === null || !(await access.may(principal, 'read', collection, before))) return null;
  return after === null ? toChangeJson(change, cursor) : toRemovalJson(change, cursor);
}
