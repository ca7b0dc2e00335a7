import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SyncError } from '../../core/errors.ts';

/** The part of a libsql connection that the store uses. */
export interface SqlDatabase {
  exec(statements: string): unknown;
  pragma(source: string): unknown;
  prepare(statement: string): SqlStatement;
  close(): unknown;
}

/** A prepared statement. */
export interface SqlStatement {
  run(parameters: readonly SqlValue[]): { readonly lastInsertRowid: number | bigint; readonly changes: number };
  get(parameters: readonly SqlValue[]): unknown;
  all(parameters: readonly SqlValue[]): unknown[];
}

/** What is bound to a parameter. */
export type SqlValue = string | number | null;

interface SqlModule {
  readonly default: new (path: string) => SqlDatabase;
}

const importLibsql = async (): Promise<SqlModule> => (await import('libsql')) as unknown as SqlModule;

/**
 * Opens a database file, made with its folder when absent; `':memory:'` keeps everything in memory. Every commit reaches
 * the disk before it returns. Rejects with `missing-dependency` when libsql is not installed, `storage-failed` when the file cannot be opened.
 */
export async function openLibsqlDatabase(
  path: string,
  load: () => Promise<SqlModule> = importLibsql,
): Promise<SqlDatabase> {
  const { default: Database } = await loadModule(load);
  try {
    if (path !== ':memory:') await mkdir(dirname(path), { recursive: true });
    const database = new Database(path);
    database.pragma('busy_timeout = 5000');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    return database;
  } catch (cause) {
    const reason = await whyNotOpened(path, cause);
    throw new SyncError('storage-failed', `The database ${path} cannot be opened. ${reason}`, { cause });
  }
}

async function whyNotOpened(path: string, cause: unknown): Promise<string> {
  const [file, folder] = await Promise.all([path, dirname(path)].map((each) => stat(each).catch(() => null)));
  if (file?.isDirectory() === true) return 'It is a folder: name a file in it.';
  if (folder?.isDirectory() === false) return `${dirname(path)} is a file: name a folder.`;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'SQLITE_NOTADB')
    return 'It is a file of another kind: name an SQLite database, or a file that is not there yet.';
  return 'Check that the file and its folder may be written.';
}

async function loadModule(load: () => Promise<SqlModule>): Promise<SqlModule> {
  try {
    return await load();
  } catch (cause) {
    throw new SyncError(
      'missing-dependency',
      'The embedded database is not installed. Run `npm install libsql@0.5.29`, or name another database.',
      { cause },
    );
  }
}
