import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlayground } from './playground-process.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-playground-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const database = () => ['--database', join(folder, 'server.db')];

async function titles(url: string | null): Promise<readonly string[]> {
  const answer = await fetch(`${url}v1/changes?collections=tasks&limit=100`);
  const { changes } = (await answer.json()) as { changes: { entity: { title: string } }[] };
  return changes.map((change) => change.entity.title).toSorted();
}

test('the playground serves page and server under one address, and the same tasks after a restart', async () => {
  const first = await startPlayground(database(), { PORT: '0' });
  const page = await fetch(`${first.url}`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('<title>Syncline playground</title>');
  expect((await fetch(`${first.url}..%2Fserve.mjs`)).status).toBe(404);
  const before = await titles(first.url);
  expect(before).toHaveLength(4);
  expect(await first.end('SIGINT')).toBe(0);

  const second = await startPlayground(database(), { PORT: '0' });
  expect(await titles(second.url)).toEqual(before);
  expect(await second.end('SIGTERM')).toBe(0);
});

test('a port that is taken is said in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const refused = await startPlayground(database(), { PORT: String(port) });
  expect(refused.lines.at(-1)).toBe(`Port ${port} is in use. Choose another one with PORT, or none.`);
  expect(await refused.end()).toBe(1);
  other.close();
});

test('without PORT a second playground takes another port than the first', async () => {
  const first = await startPlayground(database(), { PORT: '' });
  const second = await startPlayground(['--database', join(folder, 'second.db')], { PORT: '' });
  expect([first.url, second.url]).toEqual([
    expect.stringMatching(/^http:/),
    expect.not.stringMatching(`^${first.url}$`),
  ]);
  expect([(await titles(first.url)).length, (await titles(second.url)).length]).toEqual([4, 4]);
  expect([await first.end(), await second.end()]).toEqual([0, 0]);
});

test.each([
  [{ PORT: 'http' }, [], "PORT must be a number from 0 to 65535, not 'http'."],
  [{ PORT: '70000' }, [], "PORT must be a number from 0 to 65535, not '70000'."],
  [{ PORT: '0' }, ['--database', '/dev/null/server.db'], /^The database \/dev\/null\/server.db cannot be opened/],
  [
    { PORT: '0' },
    ['--database', tmpdir()],
    `The database ${tmpdir()} cannot be opened. It is a folder: name a file in it.`,
  ],
  [{ PORT: '0' }, ['--database', ''], 'The database has no name: name a file or ":memory:".'],
])('bad options are told in a sentence: %j %j', async (env, args, sentence) => {
  const playground = await startPlayground(args, env);
  expect(playground.url).toBe(null);
  expect(playground.lines.at(-1)).toEqual(sentence instanceof RegExp ? expect.stringMatching(sentence) : sentence);
  expect(await playground.end()).toBe(1);
});
