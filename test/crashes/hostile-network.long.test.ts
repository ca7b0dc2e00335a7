import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, filter } from 'rxjs';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createSyncServer, type SyncServer } from '../../src/server/index.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { askedNumber } from '../support/asked-number.ts';
import { drawFates, harms, socketEnds } from '../support/hostile-fates.ts';
import { startHostileProxy, type HostileProxy } from '../support/hostile-proxy.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { contested, createContest } from './contested.ts';
import { decideAwaited } from './decide-awaited.ts';
import { create, createShared, differences, differing, readEffects, readHistory } from './effects.ts';
import { explain } from './explain.ts';
import { openNetworkClient, type NetworkClient } from './network-client.ts';

const partitions = askedNumber('SYNCLINE_PARTITIONS', 5);
const firstSeed = askedNumber('SYNCLINE_SEED', 1);
const steps = 40;
const heartbeatMs = 500;
/** What the server reports of a request whose body ends before its end. */
const bodyCut = 'Error: aborted';
/** Longer than a socket that stalls before it is open is waited for. */
const patience = { timeout: 90_000 };

let folder: string;
let server: SyncServer;
let url: string;
let failures: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-network-'));
  failures = [];
  server = await createSyncServer({
    database: join(folder, 'server.db'),
    limits: { heartbeatMs },
    reportFailure: (error) => failures.push(String(error)),
  });
  ({ url } = await server.listen(0));
  await createShared(url);
  await create(url, contested.collection, { id: contested.id, text: 'untouched' });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
  expect(failures.filter((failure) => failure !== bodyCut)).toEqual([]);
});

const struck = new Map<string, number>();
const note = (what: string, count: number) => void struck.set(what, (struck.get(what) ?? 0) + count);

/** Writes, reads and restarts while the network does its worst. Gives the rows that are durable. */
async function live(clients: readonly NetworkClient[], proxy: HostileProxy, seed: number, contest = createContest()) {
  const random = createSeededRandom(seed).fork('apps');
  const durable = new Set<string>();
  for (let step = 0; step < steps; step += 1) {
    const client = random.pick(clients);
    const nextExchange = proxy.exchanges(1);
    if (client.workload.isReady) durable.add(await client.workload.write());
    contest.write(client.sync, `${client.name}-${step}`);
    if (random.int(10) === 0) await client.reopen();
    if (random.int(3) > 0) await nextExchange;
  }
  return { durable, contest };
}

test.each(Array.from({ length: partitions }, (_, at) => firstSeed + at))(
  'G1 G2 G3 G4 G5 G6 G12 G14 hold behind a network that cuts, stalls, doubles and lies, seed %d',
  async (seed) => {
    sayHowToRunAgain({ SYNCLINE_SEED: seed, SYNCLINE_PARTITIONS: 1 });
    const proxy = await startHostileProxy(drawFates(seed));
    proxy.target(url);
    const clients = ['a', 'b', 'c'].map((name) => openNetworkClient(name, proxy.url, join(folder, name)));
    try {
      const { durable, contest } = await live(clients, proxy, seed);
      proxy.heal();
      await expectAgreement(clients, durable);
      const records = clients.flatMap(({ sync }) => sync.conflicts.list());
      expect(contest.silent(await readHistory(url), records)).toEqual([]);
      note('conflict', records.length);
      await expectAllHear(clients);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
      await proxy.close();
    }
    for (const [fate, count] of proxy.struck) note(fate, count);
  },
);

async function expectAgreement(clients: readonly NetworkClient[], durable: ReadonlySet<string>): Promise<void> {
  const look = async () => {
    await Promise.all(clients.map(decideAwaited));
    const { shown, faults } = await readEffects(url, durable);
    const states = clients.map(({ sync, workload }) => ({ sync: sync.getSnapshot(), shown: workload.shown() }));
    return {
      faults,
      unlike: states.map((state) => differences(state.shown, shown)),
      open: states.map(({ sync }) => [sync.pending, sync.parked, sync.conflicts, sync.queue, sync.blockers]),
      reached: states.map(({ sync }) => [sync.connectivity, sync.realTime, sync.error]),
    };
  };
  const wanted = {
    faults: [],
    unlike: clients.map(() => []),
    open: clients.map(() => [0, 0, 0, 'idle', []]),
    reached: clients.map(() => ['online', 'live', null]),
  };
  try {
    await expect.poll(look, patience).toEqual(wanted);
  } catch (error) {
    process.stdout.write(`${await explainAll(clients, durable)}\n`);
    throw error;
  }
}

/** What no other run may show again: these failures depend on real time. */
async function explainAll(clients: readonly NetworkClient[], durable: ReadonlySet<string>): Promise<string> {
  const { shown } = await readEffects(url, durable);
  const history = (await readHistory(url)).map(({ collection, id, version, clientId }) =>
    [collection, id, version, clientId].join(' '),
  );
  const unlike = clients.flatMap(({ workload }) => differing(workload.shown(), shown));
  const open = clients.flatMap(({ sync }) => sync.conflicts.list()).filter(({ status }) => status === 'open');
  const places = [...unlike, ...open.map(({ collection, entityId }) => ({ collection, id: entityId }))];
  const told = await Promise.all(clients.map((client) => explain(client, join(folder, client.name), places)));
  return [...told, `server: ${history.join(', ')}`].join('\n\n');
}

/** G14: nobody believes in a socket that is dead. */
async function expectAllHear(clients: readonly NetworkClient[]): Promise<void> {
  await create(url, 'rows', { id: 'last' });
  const heard = clients.map(({ sync }) =>
    firstValueFrom(
      sync
        .collection('rows')
        .entity$('last')
        .pipe(filter((row) => row !== undefined)),
    ),
  );
  expect((await Promise.all(heard)).map(({ id }) => id as string)).toEqual(clients.map(() => 'last'));
}

afterAll(() => {
  process.stdout.write(`hostile network: ${JSON.stringify(Object.fromEntries(struck))}\n`);
});

if (partitions >= 5)
  test('the runs were not vacuous: harm of every kind was done to exchanges and to sockets, and changes met', () => {
    const wanted = [...harms, ...socketEnds.map((end) => `socket ${end}`), 'conflict'];
    expect(wanted.filter((what) => (struck.get(what) ?? 0) === 0)).toEqual([]);
  });
