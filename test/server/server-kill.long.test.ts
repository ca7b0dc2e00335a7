import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { readHistory } from '../crashes/effects.ts';
import { askedNumber } from '../support/asked-number.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { mortalServer } from './support/mortal-server.ts';
import { buildProgram, type Program, type RunningProgram } from './support/program.ts';

const kills = askedNumber('SYNCLINE_KILLS', 5);
const seed = askedNumber('SYNCLINE_SEED', 1);
const asked = { SYNCLINE_SEED: seed, SYNCLINE_KILLS: kills };

let program: Program;
beforeAll(async () => {
  program = await buildProgram(mortalServer);
});
afterAll(() => program.remove());

interface Result {
  readonly idempotencyKey: string;
  readonly status: number;
  readonly replayed?: boolean;
  readonly record: { readonly version: number };
}

/** A batch that changes one counter twice and makes a row. */
const batchOf = (round: number) =>
  JSON.stringify({
    requests: [
      round === 0
        ? {
            idempotencyKey: 'r0-first',
            type: 'create',
            collection: 'counters',
            entityId: 'c',
            entity: { id: 'c' },
            baseVersion: null,
          }
        : change(`r${round}-first`, 2 * round),
      change(`r${round}-second`, 2 * round + 1),
      {
        idempotencyKey: `r${round}-row`,
        type: 'create',
        collection: 'rows',
        entityId: `row-${round}`,
        entity: { id: `row-${round}` },
        baseVersion: null,
      },
    ],
  });
const change = (key: string, baseVersion: number) => ({
  idempotencyKey: key,
  type: 'update',
  collection: 'counters',
  entityId: 'c',
  patch: [{ op: 'add', path: '/n', value: baseVersion }],
  baseVersion,
});

async function send(url: string, body: string): Promise<readonly Result[] | null> {
  const headers = { 'content-type': 'application/json', 'sync-client': 'c1' };
  try {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body });
    return ((await answer.json()) as { results: readonly Result[] }).results;
  } catch {
    return null;
  }
}

test(
  `G2 SIGKILL between commit and answer: the repeat gets the stored answer (seed ${seed}, ${kills} kills)`,
  async () => {
    sayHowToRunAgain(asked);
    const random = createSeededRandom(seed);
    const file = join(program.directory, `${randomUUID()}.db`);
    let [round, killed] = [0, 0];
    let running: RunningProgram | null = null;
    while (killed < kills) {
      running = program.start([file, String(1 + random.int(4))]);
      const url = await running.line();
      for (;;) {
        const first = await send(url, batchOf(round));
        if (first === null) break;
        expect(first.map(({ status, replayed = false }) => [status, replayed])).toEqual([
          [round === 0 ? 201 : 200, false],
          [200, false],
          [201, false],
        ]);
        round += 1;
      }
      expect((await running.ended).signal).toBe('SIGKILL');
      killed += 1;
      const revived = program.start([file, 'never']);
      const repeated = await send(await revived.line(), batchOf(round));
      revived.child.kill('SIGKILL');
      await revived.ended;
      expect(
        repeated?.map(({ idempotencyKey, replayed, record }) => [idempotencyKey, replayed, record.version]),
      ).toEqual([
        [`r${round}-first`, true, 2 * round + 1],
        [`r${round}-second`, true, 2 * round + 2],
        [`r${round}-row`, true, 1],
      ]);
      round += 1;
    }
  },
  120_000 + kills * 30_000,
);

test(
  `G2 SIGKILL at any moment: every batch takes effect once, whole (seed ${seed}, ${kills} kills)`,
  async () => {
    sayHowToRunAgain(asked);
    const random = createSeededRandom(seed);
    const file = join(program.directory, `${randomUUID()}.db`);
    const roundsPerLife = 30;
    let round = 0;
    for (let killed = 0; killed <= kills; killed += 1) {
      const running = program.start([file, 'never']);
      const url = await running.line();
      const killAfter = 1 + random.int(roundsPerLife);
      for (let sent = 1; sent <= roundsPerLife; sent += 1) {
        const answer = send(url, batchOf(round));
        if (sent === killAfter && killed < kills) running.child.kill('SIGKILL');
        const results = await answer;
        if (results === null) break;
        expect(results.map(({ record }) => record.version)).toEqual([2 * round + 1, 2 * round + 2, 1]);
        expect(new Set(results.map(({ replayed = false }) => replayed)).size).toBe(1);
        round += 1;
      }
      if (killed === kills) {
        const changes = (await readHistory(url)).filter(({ collection }) => collection === 'counters');
        expect(changes.map(({ version }) => version)).toEqual(
          Array.from({ length: 2 * round }, (_, index) => index + 1),
        );
        running.child.kill('SIGKILL');
      }
      await running.ended;
    }
    expect(round).toBeGreaterThan(kills);
  },
  120_000 + kills * 30_000,
);
