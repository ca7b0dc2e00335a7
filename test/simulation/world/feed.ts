import jsonPatch from 'fast-json-patch';
import type { JsonPatch } from '../../../src/core/json.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import { CursorExpiredError } from '../../../src/core/errors.ts';
import type { ChangePage, RemoteChange, ServerRecord } from '../../../src/core/record.ts';
import type { WorldShape } from '../fault-plan.ts';
import { withoutMetadata } from './simulated-entity.ts';

/** One committed change. */
export interface FeedRow {
  /** 1, 2, 3 … in commit order, over all collections. */
  readonly position: number;
  readonly request: SyncRequest;
  readonly clientId: string;
  readonly record: ServerRecord;
  readonly previous: ServerRecord | null;
}

/** The order in which changes were committed. */
export interface Feed {
  append(row: Omit<FeedRow, 'position'>): FeedRow;
  /** One page after `cursor`. Throws CursorExpiredError when the feed no longer reaches back to it. */
  page(collection: string, cursor: string | null, limit: number): ChangePage;
  /** Rows of a channel (`tasks` or `tasks/7`) after a position or cursor; null when it no longer reaches back. */
  after(channel: string, from: number | string | null): readonly FeedRow[] | null;
  changeOf(row: FeedRow): RemoteChange;
  readonly position: number;
  /** One life of the data. */
  readonly epoch: string;
  /** Everything after a position is gone, and a new epoch begins. Returns what is gone. */
  restore(position: number): readonly FeedRow[];
}

/** A feed without changes. */
export function createFeed({ shape }: { shape: WorldShape }): Feed {
  const rows: FeedRow[] = [];
  let life = 1;

  const epochNow = (): string => `epoch-${life}`;
  /** `f:7`, and `f2:7` after the data came back once. */
  const cursorOf = (kind: 'f' | 's', ...place: readonly (number | string)[]): string =>
    [life === 1 ? kind : `${kind}${life}`, ...place].join(':');
  const isOfThisLife = (cursor: string): boolean => Number(cursor.split(':')[0]?.slice(1) || 1) === life;

  const reaches = (position: number): boolean => rows.length - position <= shape.feedLength;
  const changeOf = (row: FeedRow): RemoteChange => {
    const { request, record, previous } = row;
    const patch = shape.feedPatches && shape.backend !== 'plain' ? patchOf(previous, record) : null;
    return structuredClone({
      collection: request.collection,
      id: request.entityId,
      record: patch ? { ...record, entity: null } : record,
      ...(patch && previous?.version !== undefined ? { patch, baseVersion: previous.version } : {}),
      ...(shape.backend === 'idempotent' ? { idempotencyKey: request.idempotencyKey, clientId: row.clientId } : {}),
      cursor: cursorOf('f', row.position),
    });
  };

  const snapshotPage = (collection: string, start: number, afterId: string, limit: number): ChangePage => {
    const latest = new Map<string, FeedRow>();
    for (const row of rows) if (row.request.collection === collection) latest.set(row.request.entityId, row);
    const ids = [...latest.keys()].filter((id) => id > afterId && latest.get(id)?.record.entity).sort();
    const page = ids.slice(0, limit);
    const hasMore = ids.length > page.length;
    return {
      changes: page.map((id) => ({ collection, id, record: structuredClone((latest.get(id) as FeedRow).record) })),
      cursor: hasMore ? cursorOf('s', start, page.at(-1) ?? '') : cursorOf('f', start),
      hasMore,
      snapshot: true,
      epoch: epochNow(),
    };
  };

  return {
    append(row) {
      const appended = { ...row, position: rows.length + 1 };
      rows.push(appended);
      return appended;
    },
    page(collection, cursor, limit) {
      if (cursor === null) return snapshotPage(collection, rows.length, '', limit);
      const [kind = '', start = '', afterId = ''] = cursor.split(':');
      const position = Number(start);
      if (!isOfThisLife(cursor) || !reaches(position)) throw new CursorExpiredError();
      if (kind.startsWith('s')) return snapshotPage(collection, position, afterId, limit);
      const changed = rows.slice(position).filter((row) => row.request.collection === collection);
      const page = changed.slice(0, limit);
      const hasMore = changed.length > page.length;
      const reached = hasMore ? (page.at(-1)?.position ?? position) : rows.length;
      return { changes: page.map(changeOf), cursor: cursorOf('f', reached), hasMore, epoch: epochNow() };
    },
    after(channel, from) {
      if (typeof from === 'string' && !isOfThisLife(from)) return null;
      const position = typeof from === 'string' ? Number(from.split(':')[1]) : (from ?? rows.length);
      if (!reaches(position)) return null;
      return rows
        .slice(position)
        .filter(
          ({ request }) => channel === request.collection || channel === `${request.collection}/${request.entityId}`,
        );
    },
    changeOf,
    get position() {
      return rows.length;
    },
    get epoch() {
      return epochNow();
    },
    restore(position) {
      life += 1;
      return rows.splice(position);
    },
  };
}

function patchOf(previous: ServerRecord | null, record: ServerRecord): JsonPatch | null {
  if (!previous?.entity || !record.entity) return null;
  return jsonPatch.compare(withoutMetadata(previous.entity), withoutMetadata(record.entity)) as JsonPatch;
}
