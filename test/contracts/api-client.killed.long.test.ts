import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { runApiClientConformance } from '../../src/testing.ts';
import { buildProgram, type Program, type RunningProgram } from '../server/support/program.ts';

const source = `
import { createSyncServer } from './src/server/index.ts';
const authenticate = async (token) => (token === 'good' ? { id: 'ada' } : null);
const server = await createSyncServer({ database: process.argv[2], authenticate });
console.log((await server.listen(0)).url);
`;

let program: Program;
let running: RunningProgram;
let url = '';

async function start(): Promise<void> {
  running = program.start([join(program.directory, 'server.db')]);
  url = await running.line();
}
async function kill(): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended;
}
const clientWith = (token: string) => createHttpApiClient({ url, token: () => token });

beforeAll(async () => {
  program = await buildProgram(source);
  await start();
});
afterAll(async () => {
  await kill();
  await program.remove();
});

runApiClientConformance(
  () => ({
    client: clientWith('good'),
    unauthorized: clientWith('wrong'),
    async restart() {
      await kill();
      await start();
      return clientWith('good');
    },
  }),
  { name: 'HTTP on a server that is killed', runner: { describe, it } },
);
