import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const forbiddenImports: [file: string, specifier: string][] = [
  ['src/core/a.ts', '../journal/journal.ts'],
  ['src/core/b.ts', 'rxjs'],
  ['src/core/c.ts', 'fast-json-patch'],
  ['src/core/d.ts', '../index.ts'],
  ['src/store/a.ts', '../journal/journal.ts'],
  ['src/journal/deep/a.ts', '../../store/store.ts'],
  ['src/adapters/storage/a.ts', '../../service/sync-service.ts'],
  ['src/adapters/storage/b.ts', 'xstate'],
  ['src/actors/a.ts', '../service/sync-service.ts'],
  ['src/server/adapters/a.ts', '../../journal/journal.ts'],
  ['src/service/a.ts', '../../test/support/chromium.mjs'],
  ['machines/a.ts', '../src/journal/journal.ts'],
  ['machines/b.ts', 'rxjs'],
];
const allowedImports: [file: string, specifier: string][] = [
  ['src/core/reference-patch.ts', 'fast-json-patch'],
  ['src/store/e.ts', '../core/json.ts'],
  ['src/adapters/storage/e.ts', '../../ports/storage.ts'],
  ['src/actors/e.ts', '../../machines/queue.machine.ts'],
  ['src/server/adapters/e.ts', '../ports/store.ts'],
  ['machines/e.ts', '../src/core/json.ts'],
  ['machines/f.ts', 'xstate'],
];
const impureExpressions: [file: string, expression: string][] = [
  ['machines/now.ts', 'Date.now()'],
  ['machines/chance.ts', 'Math.random()'],
  ['machines/timer.ts', 'setTimeout'],
  ['machines/global-timer.ts', 'globalThis.setTimeout'],
  ['src/core/fetch.ts', 'fetch'],
  ['src/core/navigator.ts', 'navigator'],
  ['src/core/crypto.ts', 'crypto'],
];

let copy = '';
const codesByFile = new Map<string, string[]>();

async function lint(): Promise<{ filename: string; code: string }[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '-c', 'oxlint.config.mjs', '-f', 'json'], { cwd: copy }, (_, stdout) => {
      resolve(stdout);
    });
  });
  return (JSON.parse(output) as { diagnostics: { filename: string; code: string }[] }).diagnostics;
}

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'syncline-lint-'));
  for (const name of ['oxlint.config.mjs', 'scripts', 'node_modules'])
    await symlink(join(root, name), join(copy, name));
  const sources = [
    ...[...forbiddenImports, ...allowedImports].map(
      ([file, specifier]) => [file, `import { used } from '${specifier}';\nexport const here = used;\n`] as const,
    ),
    ...impureExpressions.map(
      ([file, expression]) => [file, `export const here = (): unknown => ${expression};\n`] as const,
    ),
  ];
  for (const [file, source] of sources) {
    codesByFile.set(file, []);
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), source);
  }
  for (const { filename, code } of await lint()) {
    codesByFile.get(relative('.', filename))?.push(code);
  }
}, 60_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

describe('the linter holds the direction of imports', () => {
  test.each(forbiddenImports)('%s may not import %s', (file) => {
    expect(codesByFile.get(file)).toEqual(['eslint(no-restricted-imports)']);
  });

  test.each(allowedImports)('%s may import %s', (file) => {
    expect(codesByFile.get(file)).toEqual([]);
  });
});

describe('the linter keeps machines and core pure', () => {
  test.each(impureExpressions)('%s may not say %s', (file) => {
    expect(codesByFile.get(file)).toHaveLength(1);
  });
});

async function sourcesOf(...folders: string[]): Promise<string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((file) => join(folder, file)),
    ),
  );
  return lists.flat().filter((file) => file.endsWith('.ts'));
}

test('machines and core never ask for the current date', async () => {
  const impure: string[] = [];
  for (const file of await sourcesOf('machines', 'src/core')) {
    if (/\bDate\(\)/.test(await readFile(join(root, file), 'utf8'))) impure.push(file);
  }
  expect(impure).toEqual([]);
});

test('no folder is deeper than the linter looks', async () => {
  const levelsUnderLayer = (file: string): number => file.split('/').length - (file.startsWith('src/') ? 2 : 1);
  expect((await sourcesOf('src', 'machines')).filter((file) => levelsUnderLayer(file) > 3)).toEqual([]);
});
