/**
 * A program that serves a database file, `process.argv[2]`, prints its address, and ends itself as soon as commit number
 * `process.argv[3]` is in the database, before it can be answered.
 */
export const mortalServer = `
import { createSyncServer } from './src/server/index.ts';
import { openLibsqlDatabase } from './src/server/adapters/libsql-database.ts';
import { createLibsqlStore } from './src/server/adapters/libsql-store.ts';
const [file, lastCommit] = process.argv.slice(2);
const store = createLibsqlStore(await openLibsqlDatabase(file), () => 'life-1');
let commits = 0;
const mortal = {
  ...store,
  async transaction(work) {
    const result = await store.transaction(work);
    commits += 1;
    if (commits === Number(lastCommit)) process.kill(process.pid, 'SIGKILL');
    return result;
  },
};
const server = await createSyncServer({ database: mortal });
console.log((await server.listen(0)).url);
`;
