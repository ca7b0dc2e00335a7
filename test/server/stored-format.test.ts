import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLibsqlDatabase } from '../../src/server/adapters/libsql-database.ts';
import { schemaVersion } from '../../src/server/adapters/libsql-schema.ts';
import type { Answer, Api } from './support/api.ts';
import { textOf } from './support/database-text.ts';
import { startTestServer } from './support/test-server.ts';

const folder = new URL('fixtures/', import.meta.url);
const today = `database-${schemaVersion}.sql`;
const updatedAt = '2026-01-01T00:00:00.000Z';
const text = 'täxt \'single\' "double" 👾';

let directory: string;
let lastFile = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-format-'));
});
afterAll(() => rm(directory, { recursive: true }));

const key = (value: string) => ({ headers: { 'idempotency-key': `"${value}"` } });

/** The writes that every fixture holds, in order: sent again, each is a repeat. */
const writes: readonly ((api: Api) => Promise<Answer>)[] = [
  (api) => api.create('/v1/notes/a', { text, rows: [{ id: 'r' }] }, key('created')),
  (api) => api.create('/v1/notes/b', { text: 'gone' }, key('to-be-deleted')),
  (api) => api.patch('/v1/notes/a', 1, [{ op: 'add', path: '/rows/-', value: null }], key('patched')),
  (api) => api.remove('/v1/notes/b', 1, key('deleted')),
  (api) => api.create('/v1/tasks/%C3%BC%2F1', {}, key('elsewhere')),
];

async function send(api: Api): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const write of writes) answers.push(await write(api));
  return answers;
}

const told = (answers: readonly Answer[]) =>
  answers.map(({ status, headers, body }) => [status, headers.get('etag'), body]);

const nextFile = (): string => join(directory, `${(lastFile += 1)}.db`);

async function serveAndClose<T>(database: string, use: (api: Api) => Promise<T>): Promise<T> {
  const { server, api, failures } = await startTestServer({ database });
  const result = await use(api);
  await server.close();
  expect(failures).toEqual([]);
  return result;
}

/** What the server of today stores of the writes. */
async function storedToday(): Promise<string> {
  const path = nextFile();
  await serveAndClose(path, send);
  const database = await openLibsqlDatabase(path);
  const stored = textOf(database);
  database.close();
  return stored;
}

async function fileOf(fixture: string): Promise<string> {
  const path = nextFile();
  const database = await openLibsqlDatabase(path);
  database.exec(await readFile(new URL(fixture, folder), 'utf8'));
  database.close();
  return path;
}

/** SYNCLINE_NEW_FIXTURES=1 makes that of a format that has none yet, by this release; what is there is never made again. */
if (process.env['SYNCLINE_NEW_FIXTURES'] === '1' && !(await readdir(folder)).includes(today)) {
  directory = await mkdtemp(join(tmpdir(), 'syncline-format-'));
  await writeFile(new URL(today, folder), await storedToday(), { flag: 'wx' });
  await rm(directory, { recursive: true });
}

const fixtures = (await readdir(folder)).toSorted();

test('G21 the server stores what the fixture of its format holds: whatever changes that is a new format', async () => {
  expect(await storedToday()).toBe(await readFile(new URL(today, folder), 'utf8'));
});

test.each(fixtures)('G21 %s is served: entities, deletions, the feed by cursor', async (fixture) => {
  await serveAndClose(await fileOf(fixture), async (api) => {
    const { epoch } = (await api.get('/v1/health')).body;
    expect((await api.get('/v1/notes/a')).body).toMatchObject({
      version: 2,
      entity: { id: 'a', text, rows: [{ id: 'r' }, null], version: 2, updatedAt },
    });
    expect((await api.get('/v1/notes/b')).status).toBe(410);
    expect((await api.get(`/v1/changes?since=${epoch}.3`)).body).toMatchObject({
      epoch,
      changes: [
        { collection: 'notes', id: 'b', version: 2, baseVersion: 1, deleted: true, idempotencyKey: 'deleted' },
        { collection: 'tasks', id: 'ü/1', version: 1, baseVersion: null, deleted: false, entity: { id: 'ü/1' } },
      ],
      cursor: `${epoch}.5`,
      hasMore: false,
    });
    expect((await api.patch('/v1/notes/a', 2, [{ op: 'remove', path: '/rows' }])).headers.get('etag')).toBe('"3"');
    expect((await api.get(`/v1/changes?since=${epoch}.5`)).body).toMatchObject({
      changes: [{ collection: 'notes', id: 'a', version: 3, cursor: `${epoch}.6` }],
    });
  });
});

test.each(fixtures)('G21 G2 %s answers the repeats of its writes, and changes nothing', async (fixture) => {
  const first = await serveAndClose(nextFile(), send);
  await serveAndClose(await fileOf(fixture), async (api) => {
    const repeated = await send(api);
    expect(told(repeated)).toEqual(told(first));
    expect(repeated.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual(writes.map(() => 'true'));
    expect((await api.create('/v1/notes/a', { text: 'other' }, key('created'))).status).toBe(422);
    const { epoch } = (await api.get('/v1/health')).body;
    expect((await api.get(`/v1/changes?since=${epoch}.5`)).body.changes).toEqual([]);
  });
});
