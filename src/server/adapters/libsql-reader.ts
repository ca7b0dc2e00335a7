import type { StoreReader } from '../ports/store.ts';
import {
  toStoredChange,
  toStoredEntity,
  toStoredRepeat,
  toText,
  type ChangeRow,
  type EntityRow,
  type RepeatRow,
} from './libsql-rows.ts';
import type { Statements } from './libsql-statements.ts';

/** Reads through prepared statements, inside whatever transaction the connection is in. */
export function createLibsqlReader(statements: Statements): StoreReader {
  const listOne = (collection: string, afterId: string, limit: number) =>
    statements.listEntities.all([collection, afterId, limit]) as EntityRow[];

  return {
    async entity(collection, id) {
      const row = statements.getEntity.get([collection, toText(id)]) as EntityRow | undefined;
      return row === undefined ? null : toStoredEntity(row);
    },
    async repeat(principal, key) {
      const row = statements.getRepeat.get([toText(principal), toText(key)]) as RepeatRow | undefined;
      return row === undefined ? null : toStoredRepeat(row);
    },
    async bounds() {
      const { head } = statements.getHead.get([]) as { head: number };
      const floor = statements.getMeta.get(['floor']) as { value: string } | undefined;
      return { floor: Number(floor?.value ?? 0), head };
    },
    async changes({ after, limit, collections }) {
      const [only] = collections ?? [];
      if (collections === null) return (statements.changesOfAll.all([after, limit]) as ChangeRow[]).map(toStoredChange);
      const rows =
        collections.length === 1 && only !== undefined
          ? statements.changesOfOne.all([only, after, limit])
          : statements.changesOfSome.all([after, JSON.stringify(collections), limit]);
      return (rows as ChangeRow[]).map(toStoredChange);
    },
    async entities({ after, limit, collections }) {
      const afterId = after === null ? '' : toText(after.id);
      if (collections === null) {
        const rows = statements.listAllEntities.all([after?.collection ?? '', afterId, limit]);
        return (rows as EntityRow[]).map(toStoredEntity);
      }
      const rows: EntityRow[] = [];
      for (const collection of [...new Set(collections)].toSorted()) {
        if (after !== null && collection < after.collection) continue;
        const isResumed = collection === after?.collection;
        rows.push(...listOne(collection, isResumed ? afterId : '', limit - rows.length));
        if (rows.length === limit) break;
      }
      return rows.map(toStoredEntity);
    },
  };
}
