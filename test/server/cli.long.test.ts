import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { buildProgram, type Program, type RunningProgram } from './support/program.ts';
import { joinSocket } from './support/socket.ts';

let program: Program;
const running: RunningProgram[] = [];
beforeAll(async () => {
  program = await buildProgram(`import './src/cli/syncline.ts';`);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await program.remove();
});

function start(args: readonly string[], environment?: Readonly<Record<string, string>>): RunningProgram {
  const started = program.start(args, environment);
  running.push(started);
  return started;
}

async function serve(args: readonly string[] = [], environment?: Readonly<Record<string, string>>) {
  const started = start(['serve', '--port', '0', '--database', ':memory:', ...args], environment);
  const line = await started.line();
  return { ...started, url: /^Listening on (http:\/\/\S+)$/.exec(line)?.[1] ?? '' };
}

describe('syncline serve', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('tells its address, and stops in order on %s', async (signal) => {
    const server = await serve();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
    const socket = await joinSocket(server.url);
    server.child.kill(signal);
    expect(await socket.closed).toBe(1001);
    expect(await server.ended).toEqual({ code: 0, signal: null, errors: '' });
  });

  test('keeps its data in the named file', async () => {
    const file = join(program.directory, 'kept', 'server.db');
    const first = await serve(['--database', file]);
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': 'k1',
      'sync-client': 'c1',
      'if-none-match': '*',
    };
    await fetch(`${first.url}/v1/notes/a`, { method: 'PUT', headers, body: '{"text":"one"}' });
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await serve(['--database', file]);
    expect(await (await fetch(`${second.url}/v1/notes/a`)).json()).toMatchObject({
      version: 1,
      entity: { text: 'one' },
    });
  });

  test('S39 begins a new epoch where it is told that the database was restored', async () => {
    const file = join(program.directory, 'restored', 'server.db');
    const epochOf = async (...args: readonly string[]): Promise<string> => {
      const { url, child, ended } = await serve(['--database', file, ...args]);
      const { epoch } = (await (await fetch(`${url}/v1/health`)).json()) as { epoch: string };
      child.kill('SIGTERM');
      await ended;
      return epoch;
    };
    const [first, again, restored, after] = [
      await epochOf(),
      await epochOf(),
      await epochOf('--restored'),
      await epochOf(),
    ];
    expect([again, restored === first, after]).toEqual([first, false, restored]);
  });

  test.each([
    ['the option', ['--token', 'letmein'], {}],
    ['the environment', [], { SYNCLINE_TOKEN: 'letmein' }],
  ])('asks for the token of %s', async (_, args, environment) => {
    const { url } = await serve(args, environment);
    const ask = async (authorization: string) =>
      (await fetch(`${url}/v1/notes/a`, { headers: { authorization } })).status;
    expect([await ask(''), await ask('Bearer other'), await ask('Bearer letmein')]).toEqual([401, 401, 404]);
  });

  test('lets listed origins in', async () => {
    const { url } = await serve(['--origin', 'https://a.example', '--origin', 'https://b.example']);
    const answer = await fetch(`${url}/v1/health`, { headers: { origin: 'https://b.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://b.example');
  });

  test.each([
    [['serve', '--port', 'many'], '--port takes a number from 0 to 65535.'],
    [['serve', '--port', '65536'], '--port takes a number from 0 to 65535.'],
    [['serve', '--origin', 'app.example'], '--origin takes a scheme'],
    [['serve', '--colour', 'red'], "Unknown option '--colour'"],
    [['serve', 'extra'], 'extra'],
    [['serve', '--port'], '--port'],
  ])('%j is refused with 2 and a reason', async (args, reason) => {
    const { code, errors } = await start(args).ended;
    expect([code, errors.split('\n')[0]]).toEqual([2, expect.stringContaining(reason)]);
    expect(errors).toContain('Usage: syncline');
  });

  test('a taken port ends with 1 and a reason', async () => {
    const { url } = await serve();
    const { code, errors } = await start(['serve', '--port', new URL(url).port, '--database', ':memory:']).ended;
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^unavailable: 127\.0\.0\.1:\d+ cannot be listened on: it is taken\./),
    ]);
  });

  test('a database that cannot be opened ends with 1 and a reason', async () => {
    const { code, errors } = await start(['serve', '--port', '0', '--database', program.directory]).ended;
    expect([code, errors]).toEqual([1, expect.stringMatching(/^storage-failed: /)]);
  });

  test('a database elsewhere is not supported', async () => {
    const { code, errors } = await start(['serve', '--database', 'postgres://localhost/x']).ended;
    expect([code, errors]).toEqual([1, expect.stringMatching(/^unsupported: /)]);
  });
});

describe('syncline', () => {
  test.each([[['--help']], [['serve', '--help']], [['-h']]])('%j prints the usage', async (args) => {
    const help = start(args);
    expect(await help.line()).toBe('Usage: syncline <command> [options]');
    expect((await help.ended).code).toBe(0);
  });

  test.each([[[]], [['dance']], [['constructor']], [['--version?']]])('%j ends with 2 and the usage', async (args) => {
    const { code, errors } = await start(args).ended;
    expect([code, errors]).toEqual([2, expect.stringContaining('Usage: syncline')]);
  });
});
