import { SyncError } from '../../core/errors.ts';
import type { Expiry, Store, StoreTransaction } from '../ports/store.ts';
import type { SqlDatabase } from './libsql-database.ts';
import { createLibsqlReader } from './libsql-reader.ts';
import { toJson, toText } from './libsql-rows.ts';
import { schema, schemaVersion } from './libsql-schema.ts';
import { prepareStatements, type Statements } from './libsql-statements.ts';
import { createTurns } from './turns.ts';

/** How a store in SQLite is opened. */
export interface LibsqlStoreOptions {
  /** The file was put back from a backup: what it holds begins a new life. */
  readonly restored?: boolean;
}

/**
 * A store in one SQLite file, on an open connection that it owns from now on. `newEpoch` names the data's life when one
 * begins: with a new file, or one that was restored. Throws `storage-newer` when a newer format is found; the file is not
 * touched then.
 */
export function createLibsqlStore(
  database: SqlDatabase,
  newEpoch: () => string,
  { restored = false }: LibsqlStoreOptions = {},
): Store {
  const { statements, epoch } = prepareDatabase(database, newEpoch, restored);
  const reader = createLibsqlReader(statements);
  const transaction: StoreTransaction = { ...reader, ...createWrites(statements, database) };
  const turns = createTurns();
  let isOpen = true;

  const inTransaction = async <T>(begin: string, work: () => Promise<T>): Promise<T> => {
    database.exec(begin);
    try {
      const result = await work();
      database.exec('commit');
      return result;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  };

  return {
    epoch,
    read: (work) => turns.take(() => inTransaction('begin', () => work(reader))),
    transaction: (work) => turns.take(() => inTransaction('begin immediate', () => work(transaction))),
    expire: (expiry) => turns.take(() => inTransaction('begin immediate', async () => expire(statements, expiry))),
    async close() {
      await turns.end();
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

function prepareDatabase(
  database: SqlDatabase,
  newEpoch: () => string,
  restored: boolean,
): { statements: Statements; epoch: string } {
  database.exec('begin immediate');
  try {
    refuseNewer(database);
    database.exec(schema);
    const statements = prepareStatements(database);
    const known = statements.getMeta.get(['epoch']) as { value: string } | undefined;
    const epoch = known === undefined || restored ? newEpoch() : known.value;
    statements.putMeta.run(['epoch', epoch]);
    statements.putMeta.run(['schema', String(schemaVersion)]);
    database.exec('commit');
    return { statements, epoch };
  } catch (error) {
    rollBack(database);
    database.close();
    throw error;
  }
}

function refuseNewer(database: SqlDatabase): void {
  const tables = database.prepare("select name from sqlite_master where name = 'meta'").all([]);
  if (tables.length === 0) return;
  const row = database.prepare('select value from meta where name = ?').get(['schema']) as
    | { value: string }
    | undefined;
  if (Number(row?.value ?? 0) <= schemaVersion) return;
  throw new SyncError(
    'storage-newer',
    'The database was written by a newer syncline. Update this one; nothing was changed.',
  );
}

function rollBack(database: SqlDatabase): void {
  try {
    database.exec('rollback');
  } catch {
    // SQLite has rolled back by itself: the first error is the one to tell.
  }
}

function createWrites(
  statements: Statements,
  database: SqlDatabase,
): Omit<StoreTransaction, keyof ReturnType<typeof createLibsqlReader>> {
  return {
    async putEntity({ collection, id, version, entity, updatedAt, idempotencyKey, clientId }) {
      const origin = [updatedAt, toText(idempotencyKey), toText(clientId)];
      statements.putEntity.run([collection, toText(id), version, toJson(entity), ...origin]);
    },
    async putRepeat({ principal, key, fingerprint, answer, appliedAtMs }) {
      statements.putRepeat.run([toText(principal), toText(key), fingerprint, JSON.stringify(answer), appliedAtMs]);
    },
    async appendChange(change) {
      const { collection, id, version, baseVersion, entity, before, patch, updatedAt, committedAtMs } = change;
      const states = [toJson(entity), toJson(before), toJson(patch)];
      const origin = [updatedAt, toText(change.idempotencyKey), toText(change.clientId)];
      const { lastInsertRowid } = statements.appendChange.run([
        ...[collection, toText(id), version, baseVersion],
        ...states,
        ...origin,
        committedAtMs,
      ]);
      return Number(lastInsertRowid);
    },
    async savepoint(work) {
      database.exec('savepoint request');
      try {
        return await work();
      } catch (error) {
        database.exec('rollback to request');
        throw error;
      } finally {
        database.exec('release request');
      }
    },
  };
}

function expire(statements: Statements, { changesBeforeMs, maxChanges, repeatsBeforeMs, limit }: Expiry): number {
  const { head } = statements.getHead.get([]) as { head: number };
  const { seq: firstKept } = statements.firstKept.get([changesBeforeMs, head - maxChanges]) as { seq: number | null };
  const { seq: last } = statements.lastOfOldest.get([firstKept ?? head + 1, limit]) as { seq: number | null };
  const changes = last === null ? 0 : statements.dropChanges.run([last]).changes;
  if (last !== null) statements.putMeta.run(['floor', String(last)]);
  return changes + statements.dropRepeats.run([repeatsBeforeMs, limit]).changes;
}
