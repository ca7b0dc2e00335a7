import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installConsumer, pack, readManifest, root, run } from './packed-package.ts';

let directory = '';
let tarball = '';
let project = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-package-'));
  tarball = await pack(directory);
  project = await installConsumer(directory, tarball, []);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const requireFrom = (path: string) => createRequire(path);
const typeScript7 = requireFrom(import.meta.url).resolve('typescript/package.json');
const attw = requireFrom(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
const typeScript5 = requireFrom(requireFrom(attw).resolve('@arethetypeswrong/core')).resolve('typescript/package.json');
const compilerOf = (manifest: string): string => join(manifest, '../bin/tsc');

describe('the package', () => {
  test('publint has nothing to say', async () => {
    const { messages, pkg } = await publint({
      pkgDir: join(project, 'node_modules/syncline'),
      pack: false,
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('attw finds the types of every entry', async () => {
    const cli = join(attw, '../dist/index.js');
    const { exitCode, output } = await run(process.execPath, [cli, tarball, '--profile', 'esm-only'], root);
    expect(exitCode, output).toBe(0);
  });

  test('holds what it needs and nothing else', async () => {
    const installed = join(project, 'node_modules/syncline');
    const files = await readdir(installed, { recursive: true });
    const { exports, bin } = await readManifest(installed);
    const targets = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry),
    );
    for (const target of [...targets, ...Object.values(bin)]) expect(files).toContain(target.replace(/^\.\//, ''));
    expect(await readdir(installed)).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md']));
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    expect(files.filter((file) => /\.test\.|tsbuildinfo|^test/.test(file))).toEqual([]);
  });
});

describe('a project that installed it', () => {
  test.each([
    ['7', typeScript7],
    ['5.6', typeScript5],
  ])('type-checks with TypeScript %s, and misspelt fields do not', async (_, manifest) => {
    const { exitCode, output } = await run(process.execPath, [compilerOf(manifest), '-p', 'tsconfig.json'], project);
    expect(exitCode, output).toBe(0);
  });

  test('runs every entry under plain Node', async () => {
    const { exitCode, output } = await run(process.execPath, ['run.mjs'], project);
    expect(exitCode, output).toBe(0);
    expect(JSON.parse(output)).toEqual({
      synced: { id: '1', name: 'Ada', version: 1 },
      online: true,
      machines: true,
      files: 'kept',
      opened: [1, 2, 3],
      rest: { idempotent: false },
      simulated: '2026-01-01',
      serverWithoutDatabase: { code: 'missing-dependency', namesTheCommand: true },
    });
  });
});
