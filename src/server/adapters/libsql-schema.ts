/**
 * Ids, keys and principals are stored as JSON strings: SQLite cuts text off at U+0000 when it is read.
 * `feed.seq` is the commit order, since SQLite has one writer at a time and AUTOINCREMENT never gives a number twice.
 */
export const schema = `
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists entities (
  collection text not null, id text not null, version integer not null, json text, updated_at text not null,
  idempotency_key text not null, client_id text not null,
  primary key (collection, id)
) without rowid;
create table if not exists repeats (
  principal text not null, key text not null, fingerprint text not null, answer text not null, applied_at_ms integer not null,
  primary key (principal, key)
) without rowid;
create index if not exists repeats_by_age on repeats (applied_at_ms);
create table if not exists feed (
  seq integer primary key autoincrement, collection text not null, id text not null, version integer not null,
  base_version integer, json text, before_json text, patch text, updated_at text not null,
  idempotency_key text not null, client_id text not null, committed_at_ms integer not null
);
create index if not exists feed_by_collection on feed (collection, seq);
`;

/** Grows when a table changes; a database of a newer format is refused. */
export const schemaVersion = 1;
