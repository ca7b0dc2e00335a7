import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSyncService } from '../../src/index.ts';
import { createFileStorage } from '../../src/node/file-storage.ts';
import { fileNameOf } from '../../src/node/file-name.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

const fixture = fileURLToPath(new URL('fixtures/files-1', import.meta.url));

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-file-format-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function contentOf(place: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(place)).toSorted();
  return Promise.all(names.map(async (name) => [name, await readFile(join(place, name), 'latin1')] as const));
}

/** As a newer release would write it, as far as that is known: magic and digest stay where they are. */
async function makeNewer(name: string): Promise<void> {
  const path = join(directory, name);
  const content = await readFile(path);
  content.write('SLR2', 'latin1');
  await writeFile(path, content);
}

test('G21 files of format 1 are read: text, bytes, a structure, a key that is too long for a name', async () => {
  await cp(fixture, directory, { recursive: true });
  const storage = createFileStorage(directory);
  const keys = (await storage.keys()).toSorted();
  const items = await Promise.all(keys.map(async (key) => [key, await storage.getItem(key)]));
  expect(items).toEqual([
    ['Bytes/👾', Uint8Array.of(0, 127, 128, 255)],
    ['syncline/1/a/b/journal/w/0000000001', 's1 00000000 ["täxt 👾"]'],
    ['x'.repeat(300), { list: [1, null, { nested: 'deep' }] }],
  ]);
});

test('G21 a file of a newer format is refused and stays as it is, with a short name and with a long one', async () => {
  await cp(fixture, directory, { recursive: true });
  for (const name of await readdir(directory)) await makeNewer(name);
  const before = await contentOf(directory);
  const storage = createFileStorage(directory);
  for (const read of [() => storage.getItem('Bytes/👾'), () => storage.getItem('x'.repeat(300)), () => storage.keys()])
    await expect(read()).rejects.toMatchObject({ name: 'SyncError', code: 'storage-newer' });
  expect(await contentOf(directory)).toEqual(before);
});

test('G21 a value that a newer Node wrote is refused and stays as it is', async () => {
  const storage = createFileStorage(directory);
  await storage.setItem('key', { text: 'value' });
  const path = join(directory, fileNameOf('key'));
  const content = await readFile(path);
  const versionAt = content.indexOf(0xff, 24) + 1;
  content.writeUInt8(127, versionAt);
  createHash('sha256').update(content.subarray(20)).digest().copy(content, 4, 0, 16);
  await writeFile(path, content);
  await expect(storage.getItem('key')).rejects.toMatchObject({ name: 'SyncError', code: 'storage-newer' });
  expect(await readFile(path)).toEqual(content);
});

test('G21 a service on files of a newer format refuses everything and touches nothing', async () => {
  const open = () => createSyncService(createInMemoryApiClient(), { storage: createFileStorage(directory) });
  const sync = open();
  await sync.collection('tasks').put({ id: 'a' }).durable;
  await sync.close();
  for (const name of await readdir(directory)) await makeNewer(name);
  const before = await contentOf(directory);
  const again = open();
  await expect(again.ready).rejects.toMatchObject({ code: 'storage-newer' });
  expect(() => again.collection('tasks').put({ id: 'b' })).toThrow(expect.objectContaining({ code: 'storage-newer' }));
  await again.close();
  expect(await contentOf(directory)).toEqual(before);
});
