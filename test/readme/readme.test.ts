import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createHttpApiClient,
  createSyncService,
  SyncError,
  type AnyCollections,
  type ApiClient,
  type ISyncService,
  type SyncErrorCode,
  type Write,
} from '../../src/index.ts';
import { createSyncServer, type SyncServer } from '../../src/server/index.ts';
import { createBlockBench, readBlocks, root, type BlockBench } from './readme-blocks.ts';

const task = 'interface Task { id: string; title: string; done: boolean; tags: readonly string[] }';
const client = "import type { ApiClient } from 'syncline';\ndeclare const apiClient: ApiClient;";
const service = `import type { Collection, ISyncService } from 'syncline';\n${task}
declare const sync: ISyncService<{ tasks: Task }>;\ndeclare const tasks: Collection<Task>;`;

/** What the text around a block takes for granted. */
const givenByBlock: Readonly<Record<string, string>> = {
  'quick-start': '',
  'first-lines': `${client}\ninterface User { id: string; name: string }\ndeclare const user: User;
declare function showOfflineIndicator(): void;\ndeclare function updateUserUI(user: User): void;`,
  writing: service,
  state: service,
  conflicts: `import { createSyncService } from 'syncline';\n${client}\n${task}`,
  'in-memory': '',
  server: '',
};

let blocks: Map<string, string>;
let bench: BlockBench;
let readme: string;
const block = (name: string): string => blocks.get(name) ?? '';

beforeAll(async () => {
  [blocks, bench] = await Promise.all([readBlocks('README.md'), createBlockBench()]);
  readme = await readFile(join(root, 'README.md'), 'utf8');
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
}, 60_000);
afterAll(() => bench.remove());

/** Runs a block with what it takes for granted as globals. */
function run<T>(name: string, given: Record<string, unknown>, change: (code: string) => string, exported: string) {
  Object.assign(globalThis, given);
  return bench.run<T>(name, `${change(block(name))}\nexport { ${exported} };`);
}

async function inMemoryClient(): Promise<ApiClient> {
  const { createInMemoryApiClient } = await bench.run<{ createInMemoryApiClient(): ApiClient }>(
    'in-memory',
    block('in-memory'),
  );
  return createInMemoryApiClient();
}

const same = (code: string) => code;
type Service = ISyncService<AnyCollections>;

describe('the README', () => {
  it('its TypeScript compiles', async () => {
    expect([...blocks.keys()].toSorted()).toEqual(Object.keys(givenByBlock).toSorted());
    expect(readme).not.toMatch(/^```ts$/m);
    const files = [...blocks].map(([name, code]) => [name, `${givenByBlock[name]}\n${code}\nexport {};`] as const);
    expect(await bench.typeCheck(new Map(files))).toBe('');
  }, 60_000);

  it('the lines of its first example stand as written', () => {
    expect(block('first-lines')).toContain(`const syncService = createSyncService(apiClient);
const updatedUser = await syncService.syncEntity('users', user);
if (!syncService.isOnline()) showOfflineIndicator();
syncService.enableRealTime();
const unsubscribe = syncService.realTime.subscribe('users', (updatedUser) => updateUserUI(updatedUser));
`);
  });

  it('its ApiClient in memory has at most 40 lines, and is the one that the tests use', async () => {
    const used = await readFile(join(root, 'test/support/in-memory-api-client.ts'), 'utf8');
    expect(block('in-memory')).toBe(used.replace("'../../src/index.ts'", "'syncline'"));
    expect(block('in-memory').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    expect(block('quick-start').trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  });

  it('every error code has its row, with its retryability', async () => {
    const source = await readFile(join(root, 'src/core/errors.ts'), 'utf8');
    const union = source.slice(source.indexOf('export type SyncErrorCode'), source.indexOf('const retryableCodes'));
    const codes = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code as SyncErrorCode);
    const rows = [...readme.matchAll(/^\| `([a-z-]+)` +\|.*\| (yes|no) +\|.*\|$/gm)].map(([, code, is]) => [code, is]);
    expect(rows.length).toBe(codes.length);
    expect(new Map(rows as [string, string][])).toEqual(
      new Map(codes.map((code) => [code, new SyncError(code, '').retryable ? 'yes' : 'no'])),
    );
  });

  it('lists G1 to G24, and what it calls tested has a test that wears the id', async () => {
    const rows = [...readme.matchAll(/^\| (G\d+) +\| (.*?) +\| (.*?) +\|$/gm)];
    expect(rows.map(([, id]) => id)).toEqual(Array.from({ length: 24 }, (_, index) => `G${index + 1}`));
    const names = (await readdir(join(root, 'test'), { recursive: true })).filter((name) => name.endsWith('.ts'));
    const texts = await Promise.all(names.map((name) => readFile(join(root, 'test', name), 'utf8')));
    const worn = new Set(
      texts.flatMap((text) => [...text.matchAll(/['"`]((?:[SG]\d+ )+)/g)].flatMap(([, ids = '']) => ids.split(' '))),
    );
    const claimed = rows.filter(([, , , today = '']) => !today.startsWith('later')).map(([, id = '']) => id);
    expect(claimed.filter((id) => !worn.has(id))).toEqual([]);
  });

  it('its links lead somewhere', async () => {
    const files = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path = '']) => path);
    await Promise.all(files.map((path) => readFile(join(root, path))));
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    for (const [, anchor] of readme.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor);
  });
});

describe('the README against four functions in memory', () => {
  it('the quick start runs', async () => {
    const overMemory = (code: string) =>
      code
        .replace(/createHttpApiClient\(\{[^}]*\}\)/, 'given')
        .replace(/^import .*$/m, "import { createSyncService } from 'syncline';\ndeclare const given: never;");
    const { sync, write } = await run<{ sync: Service; write: Write<object> }>(
      'quick-start',
      { given: await inMemoryClient() },
      overMemory,
      'sync, write',
    );
    expect(await write.synced).toMatchObject({ id: '1', title: 'Write it down', version: 1 });
    await sync.close();
  });

  it('the first lines run, and real time says that it has none', async () => {
    const showOfflineIndicator = vi.fn();
    const given = { apiClient: await inMemoryClient(), user: { id: '1', name: 'Ada' }, showOfflineIndicator };
    const { syncService, updatedUser } = await run<{ syncService: Service; updatedUser: object }>(
      'first-lines',
      { ...given, updateUserUI: vi.fn() },
      same,
      'syncService, updatedUser',
    );
    expect(updatedUser).toMatchObject({ id: '1', name: 'Ada', version: 1 });
    expect(showOfflineIndicator).not.toHaveBeenCalled();
    expect(syncService.getSnapshot()).toMatchObject({ connectivity: 'online', realTime: 'unsupported' });
    await syncService.close();
  });

  it('writing and state do what their comments say', async () => {
    const sync = createSyncService(await inMemoryClient());
    const tasks = sync.collection('tasks');
    await run('writing', { sync, tasks }, same, 'write');
    expect([tasks.get('2')?.title, tasks.list().length]).toEqual(['Cook', 1]);
    await run('state', { sync, tasks }, same, 'pending');
    expect([tasks.status('2'), sync.getSnapshot().pending]).toEqual(['synced', 0]);
    await sync.close();
  });

  it('conflicts and parked operations can be decided', async () => {
    const { sync } = await run<{ sync: Service }>(
      'conflicts',
      { apiClient: await inMemoryClient() },
      (code) => `import { createSyncService } from 'syncline';\n${code}`,
      'sync',
    );
    expect([sync.conflicts.list(), sync.queue.parked()]).toEqual([[], []]);
    await sync.close();
  });
});

describe('the README against the reference server', () => {
  let server: SyncServer;
  let url: string;
  beforeAll(async () => {
    server = await createSyncServer({ database: ':memory:' });
    ({ url } = await server.listen(0));
  });
  afterAll(() => server.close());

  it('the quick start runs', async () => {
    const { sync, write } = await run<{ sync: Service; write: Write<object> }>(
      'quick-start',
      {},
      (code) => code.replace('http://127.0.0.1:8080', url),
      'sync, write',
    );
    expect(await write.synced).toMatchObject({ id: '1', title: 'Write it down' });
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', pending: 0 });
    await sync.close();
  });

  it("the first lines run, and someone else's change reaches the page, the own does not", async () => {
    const updateUserUI = vi.fn();
    const showOfflineIndicator = vi.fn();
    const apiClient = createHttpApiClient({ url });
    const given = { apiClient, user: { id: '1', name: 'Ada' }, showOfflineIndicator, updateUserUI };
    const { syncService, unsubscribe } = await run<{ syncService: Service; unsubscribe(): void }>(
      'first-lines',
      given,
      same,
      'syncService, unsubscribe',
    );
    await vi.waitFor(() => expect(syncService.getSnapshot().realTime).toBe('live'), 10_000);
    const other = createSyncService(createHttpApiClient({ url }));
    await other.collection('users').load('1');
    await other.syncEntity('users', { id: '1', name: 'Ada Lovelace' }, { until: 'synced' });
    await vi.waitFor(() => expect(updateUserUI).toHaveBeenCalled(), 10_000);
    expect(updateUserUI.mock.calls.map(([user]) => user.name)).toEqual(['Ada Lovelace']);
    expect(showOfflineIndicator).not.toHaveBeenCalled();
    unsubscribe();
    await Promise.all([syncService.close(), other.close()]);
  }, 30_000);

  it('the server of its example asks for the token and hides what it is told to', async () => {
    const own = await run<{ server: SyncServer; url: string }>('server', {}, same, 'server, url');
    const ask = async (path: string, token: string) =>
      (await fetch(`${own.url}/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
    const statuses = [await ask('tasks/1', 'wrong'), await ask('tasks/1', 'secret'), await ask('secrets/1', 'secret')];
    await own.server.close();
    expect(statuses).toEqual([401, 404, 403]);
  });
});
