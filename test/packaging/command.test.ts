import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installConsumer, pack, readManifest, run } from './packed-package.ts';

let directory = '';
let project = '';
let command = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-command-'));
  project = await installConsumer(directory, await pack(directory), ['libsql']);
  const installed = join(project, 'node_modules/syncline');
  command = join(installed, (await readManifest(installed)).bin['syncline'] ?? '');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the installed command tells its usage', async () => {
  const { exitCode, output } = await run(process.execPath, [command, '--help'], project);
  expect([exitCode, output]).toEqual([0, expect.stringContaining('syncline <command>')]);
});

test('the installed command serves until it is told to stop', async () => {
  const server = spawn(
    process.execPath,
    [command, 'serve', '--port', '0', '--database', join(directory, 'server.db')],
    {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(server, 'exit');
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const url = /http:\/\/\S+/.exec(line)?.[0] ?? '';
    const answer = await fetch(`${url.replace(/\/$/, '')}/v1/health?nonce=7`);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ nonce: '7' })]);
  } finally {
    server.kill('SIGTERM');
  }
  expect(await exited).toEqual([0, null]);
});
