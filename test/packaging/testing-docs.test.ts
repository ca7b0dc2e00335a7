import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiClientRules } from '../../src/testing/api-client/conformance.ts';
import { storageRules } from '../../src/testing/storage/conformance.ts';
import { transportRules } from '../../src/testing/transport/conformance.ts';
import { installConsumer, pack, root, run } from './packed-package.ts';

const myApiClient = `import { createMemoryBackend } from 'syncline/testing';
const { apiClient } = createMemoryBackend();
export const createMyApiClient = (url) => apiClient;
export const createMyTransport = (url) => apiClient.realTime;
`;
const typesOfMyApiClient = `import type { ApiClient, RealTimeTransport } from 'syncline';
export declare function createMyApiClient(url: string): ApiClient;
export declare function createMyTransport(url: string): RealTimeTransport;
`;

let directory = '';
let project = '';
let text = '';
let names: readonly string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-docs-'));
  project = await installConsumer(directory, await pack(directory), ['@types/node', 'undici-types']);
  text = await readFile(join(root, 'docs/testing.md'), 'utf8');
  const blocks = [...text.matchAll(/^```ts (\S+)\n([^]*?)^```$/gm)];
  names = blocks.map(([, name = '']) => name);
  await writeFile(join(project, 'my-api-client.mjs'), myApiClient);
  await writeFile(join(project, 'my-api-client.d.mts'), typesOfMyApiClient);
  for (const [, name, code = ''] of blocks) await writeFile(join(project, `${name}.mjs`), code);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the examples of docs/testing.md run on the packed package', async () => {
  expect(names).toEqual(['my-backend.test', 'my-transport.test', 'my-storage.test', 'my-app.test', 'my-network.test']);
  const files = names.map((name) => `${name}.mjs`);
  const { exitCode, output } = await run(process.execPath, ['--test', '--test-reporter=tap', ...files], project);
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/^# fail 0$/m);
});

test('the examples of docs/testing.md are typed', async () => {
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { allowJs: true, checkJs: true, types: ['node'] },
    include: ['*.test.mjs'],
  };
  await writeFile(join(project, 'tsconfig.docs.json'), JSON.stringify(config));
  const { output } = await run(process.execPath, [compiler, '-p', 'tsconfig.docs.json'], project);
  expect(output).toBe('');
});

test('docs/testing.md lists every rule', () => {
  const listed = [...text.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, id, title]) => [id, title]);
  const rules = [...apiClientRules, ...transportRules, ...storageRules];
  expect(listed).toEqual(rules.map(({ id, title }) => [id, title]));
});
