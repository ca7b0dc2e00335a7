import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { mortalServer } from '../server/support/mortal-server.ts';
import { buildProgram, type Program, type RunningProgram } from '../server/support/program.ts';
import { startHostileProxy, type HostileProxy } from '../support/hostile-proxy.ts';
import { askedNumber } from '../support/asked-number.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { createShared, readEffects } from './effects.ts';

const kills = askedNumber('SYNCLINE_KILLS', 5);
const seed = askedNumber('SYNCLINE_SEED', 1);
const asked = { SYNCLINE_SEED: seed, SYNCLINE_KILLS: kills };
const mostCommits = 6;
const mostRows = 12;

/** Writes until it is killed, and prints each row once it is durable; told \`rest\`, it prints what it shows once that is all synced. */
const clientSource = `
import { createHttpApiClient, createSyncService } from './src/index.ts';
import { createFileStorage } from './src/node/index.ts';
import { collections, createWorkload } from './test/crashes/workload.ts';
const [url, folder, life, rest] = process.argv.slice(2);
const sync = createSyncService(createHttpApiClient({ url }), {
  collections,
  storage: createFileStorage(folder),
  retry: { baseMs: 20, maxMs: 200 },
  requestTimeoutMs: 2_000,
});
sync.enableRealTime();
await sync.ready;
const workload = createWorkload(sync, life);
if (rest) {
  await sync.flush();
  await sync.pull();
  console.log(JSON.stringify({ ...workload.shown(), left: sync.queue.size, conflicts: sync.conflicts.list() }));
  await sync.close();
} else {
  await new Promise((resolve) => sync.collection('board').all$().subscribe(() => workload.isReady && resolve()));
  for (;;) console.log(await workload.write());
}
`;

let folder: string;
let programs: { readonly server: Program; readonly client: Program };
let proxy: HostileProxy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-server-'));
  const [server, client] = await Promise.all([buildProgram(mortalServer), buildProgram(clientSource)]);
  programs = { server, client };
  proxy = await startHostileProxy();
});
afterAll(async () => {
  await proxy.close();
  await Promise.all([programs.server.remove(), programs.client.remove()]);
  await rm(folder, { recursive: true, force: true });
});

async function startServer(lastCommit: string): Promise<{ readonly running: RunningProgram; readonly url: string }> {
  const running = programs.server.start([join(folder, 'server.db'), lastCommit]);
  const url = await running.line();
  proxy.target(url);
  return { running, url };
}

const startClient = (life: string, ...more: readonly string[]) =>
  programs.client.start([proxy.url, join(folder, 'client'), life, ...more]);

/** So many more rows that a client says are durable. */
async function readRows(client: RunningProgram, count: number, durable: Set<string>): Promise<void> {
  for (let read = 0; read < count; read += 1) durable.add(await client.line());
}

async function end({ child, ended }: RunningProgram): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** Kills a client and takes in what it said to the last. */
async function endClient(client: RunningProgram, durable: Set<string>): Promise<void> {
  client.child.kill('SIGKILL');
  for (;;) {
    const row = await client.line().catch(() => null);
    if (row === null) return;
    durable.add(row);
  }
}

test(
  `G1 G2 G3 the server is killed between commit and answer, and its client, too (seed ${seed}, ${kills} kills)`,
  async () => {
    sayHowToRunAgain(asked);
    const random = createSeededRandom(seed);
    const durable = new Set<string>();
    const { running, url } = await startServer('never');
    await createShared(url);
    await end(running);
    for (let kill = 1; kill <= kills; kill += 1) {
      const server = await startServer(String(1 + random.int(mostCommits)));
      const client = startClient(`a${kill}`);
      await readRows(client, 1 + random.int(mostRows), durable);
      expect((await server.running.ended).signal).toBe('SIGKILL');
      if (random.int(2) === 0) {
        const revived = await startServer('never');
        await readRows(client, 1 + random.int(mostRows), durable);
        await end(revived.running);
      }
      await endClient(client, durable);
    }
    const last = await startServer('never');
    const client = startClient('a0', 'rest');
    const told = JSON.parse(await client.line()) as object;
    expect((await client.ended).code).toBe(0);
    const { shown, faults } = await readEffects(last.url, durable);
    await end(last.running);
    expect(faults).toEqual([]);
    expect(told).toEqual({ ...shown, left: 0, conflicts: [] });
    expect(durable.size).toBeGreaterThan(kills);
  },
  120_000 + kills * 30_000,
);
