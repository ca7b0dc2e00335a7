import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLibsqlDatabase } from '../../src/server/adapters/libsql-database.ts';
import { createLibsqlStore } from '../../src/server/adapters/libsql-store.ts';
import { createMemoryStore } from '../../src/server/adapters/memory-store.ts';
import { createSyncServer } from '../../src/server/sync-server.ts';
import { describeStore } from './store.contract.ts';

let directory: string;
let lastFile = 0;
const nextFile = (): string => join(directory, 'nested', `${(lastFile += 1)}.db`);
const openFile = async (path: string, epoch: string) => createLibsqlStore(await openLibsqlDatabase(path), () => epoch);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-store-'));
});
afterAll(() => rm(directory, { recursive: true }));

describeStore('memory', async () => createMemoryStore('life-1'));
describeStore('libsql in memory', () => openFile(':memory:', 'life-1'));
describeStore('libsql in a file', () => openFile(nextFile(), 'life-1'));

test('a file keeps its data and its epoch, and a new file has a new epoch', async () => {
  const path = nextFile();
  const first = await openFile(path, 'life-1');
  const stored = {
    collection: 'notes',
    id: 'a',
    version: 1,
    entity: { id: 'a' },
    updatedAt: '2026-01-01T00:00:00.000Z',
    idempotencyKey: 'k',
    clientId: 'c',
  };
  await first.transaction((transaction) => transaction.putEntity(stored));
  await first.close();
  const second = await openFile(path, 'life-2');
  expect(second.epoch).toBe('life-1');
  expect(await second.read((reader) => reader.entity('notes', 'a'))).toEqual(stored);
  await second.close();
  const other = await openFile(nextFile(), 'life-2');
  expect(other.epoch).toBe('life-2');
  await other.close();
});

test('two connections to one file write one after the other and see each other', async () => {
  const path = nextFile();
  const [first, second] = [await openFile(path, 'life-1'), await openFile(path, 'life-2')];
  expect(second.epoch).toBe('life-1');
  const put = (id: string) => ({
    collection: 'notes',
    id,
    version: 1,
    entity: { id },
    updatedAt: '2026-01-01T00:00:00.000Z',
    idempotencyKey: id,
    clientId: 'c',
  });
  await first.transaction((transaction) => transaction.putEntity(put('a')));
  await second.transaction((transaction) => transaction.putEntity(put('b')));
  const list = (store: typeof first) =>
    store.read(async (reader) =>
      (await reader.entities({ after: null, limit: 9, collections: null })).map(({ id }) => id),
    );
  expect([await list(first), await list(second)]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  await first.close();
  await second.close();
});

test('G21 a database of a newer format is refused untouched', async () => {
  const path = nextFile();
  await (await openFile(path, 'life-1')).close();
  const database = await openLibsqlDatabase(path);
  database.exec("update meta set value = '99' where name = 'schema'; drop table feed");
  database.close();
  await expect(openFile(path, 'life-1')).rejects.toMatchObject({ code: 'storage-newer' });
  const after = await openLibsqlDatabase(path);
  const tables = after.prepare("select name from sqlite_master where type = 'table' order by name").all([]);
  expect((tables as { name: string }[]).map(({ name }) => name)).not.toContain('feed');
  after.close();
});

test('every commit reaches the disk: write-ahead log, full synchronisation', async () => {
  const database = await openLibsqlDatabase(nextFile());
  expect([database.pragma('journal_mode'), database.pragma('synchronous')]).toMatchObject([
    [{ journal_mode: 'wal' }],
    [{ synchronous: 2 }],
  ]);
  database.close();
});

test('without the database engine the error names the command that installs it', async () => {
  const missing = openLibsqlDatabase(':memory:', () => Promise.reject(new Error('Cannot find package')));
  await expect(missing).rejects.toMatchObject({
    code: 'missing-dependency',
    message: expect.stringContaining('npm install libsql@'),
  });
});

test('a file that cannot be opened is a storage failure that says why', async () => {
  const text = join(directory, 'letter.txt');
  await writeFile(
    text,
    'A letter, longer than the head of a database, which has a hundred bytes at the very least, as all do.',
  );
  const because = (reason: string) => ({
    code: 'storage-failed',
    message: expect.stringContaining(`opened. ${reason}`),
  });
  await expect(openLibsqlDatabase(directory)).rejects.toMatchObject(because('It is a folder'));
  await expect(openLibsqlDatabase(text)).rejects.toMatchObject(because('It is a file of another kind'));
  await expect(openLibsqlDatabase(join(text, 'server.db'))).rejects.toMatchObject(because(`${text} is a file`));
  await expect(openLibsqlDatabase('/proc/server.db')).rejects.toMatchObject(
    because('Check that the file and its folder'),
  );
  expect(await readFile(text, 'utf8')).toMatch(/^A letter/);
});

test('a database without a name is refused: SQLite would lose it with the process', async () => {
  await expect(createSyncServer({ database: '' })).rejects.toMatchObject({ code: 'invalid-option', path: '/database' });
});
