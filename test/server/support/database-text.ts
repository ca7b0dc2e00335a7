import type { SqlDatabase } from '../../../src/server/adapters/libsql-database.ts';

interface Made {
  readonly name: string;
  readonly type: string;
  readonly sql: string;
}

/** The statements that make a database with this content anew. */
export function textOf(database: SqlDatabase): string {
  const made = database
    .prepare(
      "select name, type, sql from sqlite_master where sql is not null and name <> 'sqlite_sequence' order by name",
    )
    .all([]) as Made[];
  const tables = made.filter(({ type }) => type === 'table');
  const others = made.filter(({ type }) => type !== 'table');
  const statements = [
    ...tables.map(({ sql }) => sql.replaceAll(/\s+/g, ' ')),
    ...[...tables.map(({ name }) => name), 'sqlite_sequence'].flatMap((table) => rowsOf(database, table)),
    ...others.map(({ sql }) => sql.replaceAll(/\s+/g, ' ')),
  ];
  return statements.map((statement) => `${statement};\n`).join('');
}

function rowsOf(database: SqlDatabase, table: string): string[] {
  const columns = database.prepare(`select name from pragma_table_info('${table}')`).all([]) as { name: string }[];
  const values = columns.map(({ name }) => `quote(${name})`).join(" || ', ' || ");
  const rows = database.prepare(`select ${values} as row from ${table}`).all([]) as { row: string }[];
  return rows.map(({ row }) => `insert into ${table} values (${row})`);
}
