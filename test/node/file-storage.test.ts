import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFileStorage } from '../../src/node/file-storage.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-files-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

async function onlyFile(): Promise<string> {
  const [name, ...others] = await readdir(directory);
  expect(others).toEqual([]);
  return join(directory, name ?? '');
}

test('S44 nothing is touched before the first call', async () => {
  const place = join(directory, 'much', 'later');
  const storage = createFileStorage(place);
  await expect(stat(place)).rejects.toMatchObject({ code: 'ENOENT' });
  await storage.keys();
  expect(await readdir(place)).toEqual([]);
});

test('a directory that cannot be made rejects, and is tried again with the next call', async () => {
  const place = join(directory, 'file');
  await writeFile(place, 'in the way');
  const storage = createFileStorage(place);
  await expect(storage.setItem('key', 1)).rejects.toMatchObject({ code: 'EEXIST' });
  await rm(place);
  await storage.setItem('key', 1);
  expect(await storage.getItem('key')).toBe(1);
});

describe('G20 a damaged file counts as absent and is set aside', () => {
  const damages: Record<string, (content: Buffer) => Buffer> = {
    'cut in the middle': (content) => content.subarray(0, content.length / 2),
    'cut to nothing': () => Buffer.alloc(0),
    'a flipped bit in the value': (content) => flipped(content, content.length - 3),
    'a flipped bit in the digest': (content) => flipped(content, 6),
    'a flipped bit in the key': (content) => flipped(content, 25),
    'another file': () => Buffer.from('something else entirely, and long enough for a header'),
  };
  function flipped(content: Buffer, at: number): Buffer {
    const copy = Buffer.from(content);
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
    return copy;
  }

  test.each(Object.entries(damages))('%s', async (_, damage) => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const storage = createFileStorage(directory);
    await storage.setItem('key', { text: 'value' });
    const file = await onlyFile();
    const damaged = damage(await readFile(file));
    await writeFile(file, damaged);

    expect(await storage.getItem('key')).toBeNull();
    expect(await storage.keys()).toEqual([]);
    const aside = await onlyFile();
    expect(await readFile(aside)).toEqual(damaged);
    expect(warnings.mock.calls).toEqual([
      [`A damaged file was set aside: ${aside}`, { code: 'SYNCLINE_DAMAGED_FILE' }],
    ]);
    await storage.setItem('key', 'new');
    expect(await storage.getItem('key')).toBe('new');
  });
});

test('what gone processes left half written is removed, what others are writing stays', async () => {
  const gonePid = 4_194_305;
  const token = '00000000-0000-4000-8000-000000000000';
  const leftovers = [`writing-${gonePid}-${token}-1`, `writing-${process.pid}-${token}-7`];
  const othersWriting = `writing-${process.ppid}-${token}-1`;
  for (const name of [...leftovers, othersWriting, 'unrelated.txt']) await writeFile(join(directory, name), 'half');
  expect(await createFileStorage(directory).keys()).toEqual([]);
  expect((await readdir(directory)).toSorted()).toEqual(['unrelated.txt', othersWriting].toSorted());
});

test('clear removes nothing but its own records', async () => {
  const storage = createFileStorage(directory);
  await writeFile(join(directory, 'unrelated.txt'), 'stays');
  await storage.setItem('key', 1);
  await storage.clear();
  expect(await readdir(directory)).toEqual(['unrelated.txt']);
});

test('names fit file systems that ignore case and limit length', async () => {
  const storage = createFileStorage(directory);
  await Promise.all(
    ['a', 'A', '%0041', '.', 'x'.repeat(1_000), '👾'.repeat(300)].map((key) => storage.setItem(key, key)),
  );
  const names = await readdir(directory);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(6);
  expect(names.every((name) => /^[a-z0-9%_.-]{1,200}$/.test(name))).toBe(true);
});
