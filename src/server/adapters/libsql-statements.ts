import type { SqlDatabase } from './libsql-database.ts';

const feedColumns =
  'seq, collection, id, version, base_version, json, before_json, patch, updated_at, idempotency_key, client_id, committed_at_ms';

/** Every statement of the store, prepared once per connection. */
export function prepareStatements(database: SqlDatabase) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    getMeta: prepare('select value from meta where name = ?'),
    putMeta: prepare(
      'insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
    ),
    getEntity: prepare('select * from entities where collection = ? and id = ?'),
    putEntity: prepare(
      `insert into entities (collection, id, version, json, updated_at, idempotency_key, client_id) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (collection, id) do update set version = excluded.version, json = excluded.json,
         updated_at = excluded.updated_at, idempotency_key = excluded.idempotency_key, client_id = excluded.client_id`,
    ),
    listEntities: prepare(
      'select * from entities where collection = ? and id > ? and json is not null order by id limit ?',
    ),
    listAllEntities: prepare(
      'select * from entities where (collection, id) > (?, ?) and json is not null order by collection, id limit ?',
    ),
    getRepeat: prepare('select * from repeats where principal = ? and key = ?'),
    putRepeat: prepare(
      'insert into repeats (principal, key, fingerprint, answer, applied_at_ms) values (?, ?, ?, ?, ?)',
    ),
    dropRepeats: prepare(
      `delete from repeats where (principal, key) in
         (select principal, key from repeats where applied_at_ms < ? order by applied_at_ms limit ?)`,
    ),
    getHead: prepare("select coalesce((select seq from sqlite_sequence where name = 'feed'), 0) as head"),
    appendChange: prepare(
      `insert into feed (collection, id, version, base_version, json, before_json, patch, updated_at, idempotency_key, client_id, committed_at_ms)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    changesOfAll: prepare(`select ${feedColumns} from feed where seq > ? order by seq limit ?`),
    changesOfOne: prepare(`select ${feedColumns} from feed where collection = ? and seq > ? order by seq limit ?`),
    changesOfSome: prepare(
      `select ${feedColumns} from feed where seq > ? and +collection in (select value from json_each(?)) order by seq limit ?`,
    ),
    firstKept: prepare('select min(seq) as seq from feed where committed_at_ms >= ? and seq > ?'),
    lastOfOldest: prepare('select max(seq) as seq from (select seq from feed where seq < ? order by seq limit ?)'),
    dropChanges: prepare('delete from feed where seq <= ?'),
  };
}

/** The prepared statements of one connection. */
export type Statements = ReturnType<typeof prepareStatements>;
