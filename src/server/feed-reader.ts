import type { Access } from './access.ts';
import { toChangeJson, toRemovalJson, toSnapshotJson, type ChangeJson } from './change-json.ts';
import { nameClaims } from './claims.ts';
import { formatCursor, parseCursor, type Cursor } from './cursor.ts';
import { hooksAtOnce } from './hooks.ts';
import { mapLimited } from './map-limited.ts';
import type { Principal } from './options.ts';
import { readPageRows, type PageRows } from './page-rows.ts';
import type { Store, StoredChange, StoredEntity } from './ports/store.ts';
import { fail } from './problem.ts';
import { toEntityJson } from './record-json.ts';
import { judgeVisibility } from './visibility.ts';

/** What a reader of the feed asks for. */
export interface FeedQuery {
  /** Null: from a snapshot on. */
  readonly since: string | null;
  readonly limit: number;
  /** Null: all. */
  readonly collections: readonly string[] | null;
}

/** One page of the feed or of a snapshot. */
export interface FeedPage {
  readonly epoch: string;
  readonly changes: readonly ChangeJson[];
  readonly cursor: string;
  readonly hasMore: boolean;
  /** The page belongs to a snapshot: up to `hasMore: false`, what is not mentioned is not there. */
  readonly snapshot?: true;
}

/** Reads the feed for principals. */
export interface FeedReader {
  /**
   * One page, as far as the principal may read. Without `since` pages of all entities that are there come first; their last
   * cursor is the feed's place before the first of them was read, so that nothing is missed (S38).
   * Fails with `cursor-expired` when the feed does not reach back to the cursor, it is of another life of the data, or it was
   * given to other claims: what these may read is told by a snapshot.
   */
  page(principal: Principal, query: FeedQuery): Promise<FeedPage>;
}

/** Reads from `store`; a page holds about `pageBytes` characters of entities at most. */
export function createFeedReader(ports: {
  readonly store: Store;
  readonly access: Access;
  readonly pageBytes: number;
}): FeedReader {
  const { store, access, pageBytes } = ports;
  const { epoch } = store;

  const feedPage = async (principal: Principal, seq: number, query: FeedQuery): Promise<FeedPage> => {
    const { rows, hasMore, head } = await readChanges(store, seq, query, pageBytes);
    const claims = nameClaims(principal);
    const cursorAt = (place: number): string => formatCursor({ epoch, seq: place, claims });
    const shown = await mapLimited(rows, hooksAtOnce, async (row) => {
      const change = await show(access, principal, row);
      return change === null ? [] : [{ ...change, cursor: cursorAt(row.seq) }];
    });
    const last = hasMore ? (rows.at(-1)?.seq ?? seq) : head;
    return { epoch, changes: shown.flat(), cursor: cursorAt(last), hasMore };
  };

  const snapshotPage = async (principal: Principal, from: Cursor | null, query: FeedQuery): Promise<FeedPage> => {
    const { rows, hasMore, seq } = await readEntities(store, from, query, pageBytes);
    const last = rows.at(-1);
    const after = hasMore && last !== undefined ? { after: { collection: last.collection, id: last.id } } : {};
    const readable = await mapLimited(rows, hooksAtOnce, (row) =>
      access.may(principal, 'read', row.collection, toEntityJson(row)),
    );
    const claims = nameClaims(principal);
    const changes = rows.filter((_, index) => readable[index] === true).map(toSnapshotJson);
    return { epoch, changes, cursor: formatCursor({ epoch, seq, ...after, claims }), hasMore, snapshot: true };
  };

  return {
    page(principal, query) {
      if (query.since === null) return snapshotPage(principal, null, query);
      const cursor = parseCursor(query.since);
      const isOwn = cursor !== null && cursor.epoch === epoch && cursor.claims === nameClaims(principal);
      if (!isOwn) return fail('cursor-expired', { epoch });
      return cursor.after === undefined
        ? feedPage(principal, cursor.seq, query)
        : snapshotPage(principal, cursor, query);
    },
  };
}

function readChanges(
  store: Store,
  seq: number,
  { limit, collections }: FeedQuery,
  bytesMax: number,
): Promise<PageRows<StoredChange> & { readonly head: number }> {
  return store.read(async (reader) => {
    const { floor, head } = await reader.bounds();
    if (seq < floor || seq > head) fail('cursor-expired', { epoch: store.epoch });
    const read = (last: StoredChange | null, count: number): Promise<StoredChange[]> =>
      reader.changes({ after: last?.seq ?? seq, limit: count, collections });
    return { ...(await readPageRows(read, { limit, bytesMax })), head };
  });
}

function readEntities(
  store: Store,
  from: Cursor | null,
  { limit, collections }: FeedQuery,
  bytesMax: number,
): Promise<PageRows<StoredEntity> & { readonly seq: number }> {
  return store.read(async (reader) => {
    const { floor, head } = await reader.bounds();
    const seq = from?.seq ?? head;
    if (seq < floor || seq > head) fail('cursor-expired', { epoch: store.epoch });
    const read = (last: StoredEntity | null, count: number): Promise<StoredEntity[]> =>
      reader.entities({ after: last ?? from?.after ?? null, limit: count, collections });
    return { ...(await readPageRows(read, { limit, bytesMax })), seq };
  });
}

async function show(access: Access, principal: Principal, change: StoredChange): Promise<ChangeJson | null> {
  switch (await judgeVisibility(access, principal, change)) {
    case 'whole':
      return toChangeJson(change);
    case 'removal':
      return toRemovalJson(change);
    case 'hidden':
      return null;
  }
}
