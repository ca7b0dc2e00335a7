import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installConsumer, pack, run, type Finished } from './packed-package.ts';

let directory = '';
let project = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-runners-'));
  project = await installConsumer(directory, await pack(directory), []);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

const commands: Readonly<Record<string, readonly string[]>> = {
  'node:test, whose functions are handed over': ['--test', '--test-reporter=tap', 'runners/node.test.mjs'],
  'Vitest, by its globals': [vitest, 'run', '--globals', '--reporter=verbose', 'runners/globals.test.mjs'],
};

const summary = /skipped 10|10 skipped/;

function examine(args: readonly string[], broken: boolean): Promise<Finished> {
  return run(process.execPath, args, project, broken ? { BROKEN_BACKEND: '1' } : {});
}

describe.each(Object.entries(commands))('conformance tests of the packed package under %s', (_, args) => {
  test('G24 pass for what is right, and say why ten are skipped', async () => {
    const { exitCode, output } = await examine(args, false);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(summary);
    expect(output).toContain('skipped durable-acknowledgement: it cannot be seen without killing the backend');
  });

  test('G24 fail for what is broken, and say which rule, what was seen and what to do', async () => {
    const { exitCode, output } = await examine(args, true);
    expect(exitCode, output).toBe(1);
    expect(output).toContain('Broken rule "feed-cursor-expired": a cursor that is not known is expired.');
    expect(output).toContain('Seen: Reading from a cursor that was never given out resolved with');
    expect(output).toContain('To do: Throw CursorExpiredError (HTTP 410)');
    expect(output.match(/Broken rule "(?!feed-cursor-expired)/g)).toBeNull();
  });
});

test('without a runner it is said what to do', async () => {
  const program = "import('syncline/testing').then((kit) => kit.runStorageConformance(() => ({ open: () => null })))";
  const { exitCode, output } = await run(process.execPath, ['-e', program], project);
  expect([exitCode, output]).toEqual([1, expect.stringContaining('Pass yours as the option `runner`')]);
});
