import { existsSync } from 'node:fs';
import { openLibsqlDatabase } from './adapters/libsql-database.ts';
import { createLibsqlStore } from './adapters/libsql-store.ts';
import type { SyncServerOptions } from './options.ts';
import type { Store } from './ports/store.ts';
import { SyncError } from '../core/errors.ts';

const defaultDatabase = './.syncline/server.db';

/**
 * Opens what `database` names. Rejects with `invalid-option` for an empty name, and where a store of the app or a file that is
 * not there is said to be restored, with `unsupported` for a database engine that is not there.
 */
export async function openStore(
  { database, restored = false }: Pick<SyncServerOptions, 'database' | 'restored'>,
  newEpoch: () => string,
): Promise<Store> {
  if (typeof database === 'object') {
    if (!restored) return database;
    throw new SyncError('invalid-option', 'A store of your own names its epoch itself: give it a new one.', {
      path: '/restored',
    });
  }
  const path = database ?? defaultDatabase;
  // SQLite takes an empty name for a temporary database, which is gone with the process.
  if (path === '') {
    throw new SyncError('invalid-option', 'The database has no name: name a file or ":memory:".', {
      path: '/database',
    });
  }
  if (/^[a-z][a-z0-9+]+:\/\//i.test(path)) {
    throw new SyncError('unsupported', 'This server keeps its data in SQLite: name a file or ":memory:".');
  }
  if (restored && !existsSync(path)) {
    const message = `There is no file ${path}: put the backup there first, or leave restored out to begin with an empty database.`;
    throw new SyncError('invalid-option', message, { path: '/restored' });
  }
  return createLibsqlStore(await openLibsqlDatabase(path), newEpoch, { restored });
}
