import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileStorage } from '../../src/node/file-storage.ts';

const real = { open: fs.promises.open, rename: fs.promises.rename, rm: fs.promises.rm };

let above: string;
let steps: string[];
let failSync: boolean;

const nameOf = (path: unknown) => basename(String(path)).replace(/^writing-.*/, 'aside');

/** From here on the file system says what it is asked to do, and does it. */
function listen() {
  const open = async (...given: Parameters<typeof real.open>) => {
    const handle = await real.open(...given);
    const name = nameOf(given[0]);
    const { sync, writeFile } = handle;
    handle.sync = async () => {
      if (failSync) throw new Error('EIO');
      await sync.call(handle);
      steps.push(`synced ${name}`);
    };
    handle.writeFile = async (...content: Parameters<typeof writeFile>) => {
      await writeFile.call(handle, ...content);
      steps.push(`wrote ${name}`);
    };
    return handle;
  };
  const rename: typeof real.rename = async (from, to) => {
    await real.rename(from, to);
    steps.push(`renamed ${nameOf(from)} to ${nameOf(to)}`);
  };
  const remove: typeof real.rm = async (path, options) => {
    await real.rm(path, options);
    steps.push(`removed ${nameOf(path)}`);
  };
  Object.assign(fs.promises, { open, rename, rm: remove });
  syncBuiltinESMExports();
}

beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'syncline-synced-'));
  steps = [];
  failSync = false;
});

afterEach(async () => {
  Object.assign(fs.promises, real);
  syncBuiltinESMExports();
  await rm(above, { recursive: true });
});

test('G1 a value is written aside and synced, then renamed, then its directory synced, before setItem resolves', async () => {
  const storage = createFileStorage(join(above, 'data'));
  await storage.setItem('first', 1);
  listen();
  await storage.setItem('a', { n: 1 }).then(() => steps.push('resolved'));
  expect(steps).toEqual(['wrote aside', 'synced aside', 'renamed aside to key-a.record', 'synced data', 'resolved']);
});

test('G1 what is removed is synced before removeItem resolves', async () => {
  const storage = createFileStorage(join(above, 'data'));
  await storage.setItem('a', 1);
  listen();
  await storage.removeItem('a').then(() => steps.push('resolved'));
  expect(steps).toEqual(['removed key-a.record', 'synced data', 'resolved']);
});

test('G1 directories that are made are synced into those above them before the first value resolves', async () => {
  listen();
  const storage = createFileStorage(join(above, 'new', 'data'));
  await storage.setItem('a', 1);
  expect(steps.slice(0, 2)).toEqual(['synced new', `synced ${basename(above)}`]);
});

test('G19 a value that cannot be synced is refused, the one before it stays, and nothing is left aside', async () => {
  const storage = createFileStorage(join(above, 'data'));
  await storage.setItem('a', 'before');
  listen();
  failSync = true;
  await expect(storage.setItem('a', 'after')).rejects.toThrow('EIO');
  failSync = false;
  expect(steps).toEqual(['wrote aside', 'removed aside']);
  expect([await storage.getItem('a'), await storage.keys()]).toEqual(['before', ['a']]);
});
