import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileStorage } from '../../src/node/file-storage.ts';
import { bundle } from '../support/bundle.ts';
import { askedNumber } from '../support/asked-number.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';

const kills = askedNumber('SYNCLINE_KILLS', 10);
const seed = askedNumber('SYNCLINE_SEED', 1);
const asked = { SYNCLINE_SEED: seed, SYNCLINE_KILLS: kills };
const valueLength = 200_000;

const writer = `
import { createFileStorage } from './src/node/file-storage.ts';
const storage = createFileStorage(process.argv[2]);
let number = (await storage.getItem('counter'))?.number ?? 0;
for (;;) {
  number += 1;
  await storage.setItem('counter', { number, padding: String(number % 10).repeat(${valueLength}) });
  console.log(number);
}`;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-kill-'));
  await writeFile(join(directory, 'writer.mjs'), await bundle(writer, 'node'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Kills the writer when it has reported `count` durable values, and gives the last one that it reported. */
async function writeAndKill(place: string, count: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [join(directory, 'writer.mjs'), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let last = 0;
  let reported = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    last = Number(line);
    reported += 1;
    if (reported === count) child.kill('SIGKILL');
  }
  await exited;
  return last;
}

test(
  `G1 a value whose setItem resolved survives SIGKILL, whole (seed ${seed}, ${kills} kills)`,
  async () => {
    sayHowToRunAgain(asked);
    const random = createSeededRandom(seed);
    const place = join(directory, 'place');
    let before = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const reported = await writeAndKill(place, 1 + random.int(20));
      expect(reported).toBeGreaterThan(before);
      const found = await createFileStorage(place).getItem<{ number: number; padding: string }>('counter');
      // The value that was being written at the kill may be there too.
      expect([reported, reported + 1]).toContain(found?.number);
      expect(found?.padding).toBe(String((found?.number ?? 0) % 10).repeat(valueLength));
      expect((await readdir(place)).filter((name) => name.startsWith('writing-'))).toEqual([]);
      before = found?.number ?? 0;
    }
  },
  120_000 + kills * 30_000,
);
