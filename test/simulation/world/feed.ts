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
}

/** A feed without changes. */
export function createFeed({ shape, epoch }: { shape: WorldShape; epoch: string }): Feed {
  const rows: FeedRow[] = [];

  const reaches = (position: number): boolean => rows.length - position <= shape.feedLength;
  const changeOf = (row: FeedRow): RemoteChange => {
    const { request, record, previous } = row;
    const patch = shape.feedPatches ? patchOf(previous, record) : null;
    return structuredClone({
      collection: request.collection,
      id: request.entityId,
      record: patch ? { ...record, entity: null } : record,
      ...(patch && previous?.version !== undefined ? { patch, baseVersion: previous.version } : {}),
      idempotencyKey: request.idempotencyKey,
      clientId: row.clientId,
      cursor: `f:${row.position}`,
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
      cursor: hasMore ? `s:${start}:${page.at(-1) ?? ''}` : `f:${start}`,
      hasMore,
      snapshot: true,
      epoch,
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
      const [kind, start = '', afterId = ''] = cursor.split(':');
      const position = Number(start);
      if (!reaches(position)) throw new CursorExpiredError();
      if (kind === 's') return snapshotPage(collection, position, afterId, limit);
      const changed = rows.slice(position).filter((row) => row.request.collection === collection);
      const page = changed.slice(0, limit);
      const hasMore = changed.length > page.length;
      const reached = hasMore ? (page.at(-1)?.position ?? position) : rows.length;
      return { changes: page.map(changeOf), cursor: `f:${reached}`, hasMore, epoch };
    },
    after(channel, from) {
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
  };
}

function patchOf(previous: ServerRecord | null, record: ServerRecord): JsonPatch | null {
  if (!previous?.entity || !record.entity) return null;
  return jsonPatch.compare(withoutMetadata(previous.entity), withoutMetadata(record.entity)) as JsonPatch;
}
