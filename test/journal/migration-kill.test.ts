import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileStorage } from '../../src/node/file-storage.ts';
import { bundle } from '../support/bundle.ts';
import { fold } from './counter-store.ts';
import { openLife } from './journal-life.ts';
import { nextFormat, scaled } from './made-up-formats.ts';
import { entriesWithCleanPage, readFixtureWithCleanPage } from './read-fixture.ts';

/** Opens format 1 in the next format and stores pages; ends itself as soon as storage step number `process.argv[3]` has taken effect. */
const program = `
import { createSystemClock } from './src/adapters/browser/clock.ts';
import { createJournal } from './src/journal/journal.ts';
import { createFileStorage } from './src/node/file-storage.ts';
import { createCounterStore } from './test/journal/counter-store.ts';
import { nextFormat } from './test/journal/made-up-formats.ts';

const files = createFileStorage(process.argv[2]);
let steps = 0;
const step = (method) => async (...given) => {
  const result = await files[method](...given);
  steps += 1;
  if (steps === Number(process.argv[3])) process.kill(process.pid, 'SIGKILL');
  return result;
};
const storage = Object.fromEntries(['getItem', 'setItem', 'removeItem', 'keys', 'clear'].map((name) => [name, step(name)]));
const store = createCounterStore();
const journal = createJournal({
  storage, name: 'test', user: 'ann', writer: 'writer-m' + process.argv[3], epoch: 1, clock: createSystemClock(), random: () => 0.5,
  format: nextFormat, isLocalWrite: () => true, pages: store.source,
  hooks: { ...store.hooks, failed() {}, quarantined() {} },
});
await journal.recover(() => store.sink);
await journal.checkpoint();
await journal.close();`;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-migration-'));
  await writeFile(join(directory, 'migrate.mjs'), await bundle(program, 'node'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function runUntilStep(place: string, step: number): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, [join(directory, 'migrate.mjs'), place, `${step}`], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}

/** What is in the place, and in which formats. */
async function contentOf(place: string): Promise<{ items: Map<string, unknown>; formats: string }> {
  const storage = createFileStorage(place);
  const keys = (await storage.keys()).toSorted();
  const items = new Map(await Promise.all(keys.map(async (key) => [key, await storage.getItem(key)] as const)));
  return { items, formats: [...new Set(keys.map((key) => key.split('/')[1]))].join() };
}

test('G1 G21 SIGKILL at any step of a migration on files loses nothing and doubles nothing', async () => {
  const expected = fold(entriesWithCleanPage.map((entry) => scaled(entry, 10)));
  const fixture = await readFixtureWithCleanPage('format-1');
  const seen = new Set<string>();
  for (let step = 1; ; step += 1) {
    const place = join(directory, `killed-${step}`);
    const storage = createFileStorage(place);
    for (const [key, value] of fixture) await storage.setItem(key, value);
    const ended = await runUntilStep(place, step);
    const { items, formats } = await contentOf(place);
    expect((await openLife(items, { format: nextFormat })).store.durable()).toEqual(expected);
    if (formats === '1') expect(items).toEqual(new Map([...fixture].toSorted(([a], [b]) => (a < b ? -1 : 1))));
    seen.add(formats);
    expect(await runUntilStep(place, 0)).toBe(0);
    const later = await contentOf(place);
    expect(later.formats).toBe('2');
    expect((await openLife(later.items, { format: nextFormat })).store.durable()).toEqual(expected);
    if (ended === 0) break;
    expect(ended).toBe('SIGKILL');
  }
  expect([...seen].toSorted()).toEqual(['1', '1,2', '2']);
}, 120_000);
