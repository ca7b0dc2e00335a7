import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const pathOf = (path: string) => fileURLToPath(new URL(path, root));
const read = (path: string) => readFileSync(pathOf(path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

test.each(['README.md', 'CONTRIBUTING.md'])('every file, folder and script that %s names is there', (document) => {
  const text = read(document);
  const files = [
    ...text.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g),
    ...text.matchAll(/vitest (?:run )?(test\/[\w./-]+)/g),
  ];
  const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
  expect(files.map(([, path = '']) => path).filter((path) => !existsSync(pathOf(path)))).toEqual([]);
  expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  expect(files.length + named.length).toBeGreaterThan(4);
});

test('the README lists every option', () => {
  const [, section = ''] = /^## Options\n([^]*?)^## /m.exec(read('README.md')) ?? [];
  const [, perCollection = '', whole = ''] =
    /interface CollectionOptions \{([^]*?)\n\}[^]*interface SyncOptions \{([^]*?)\n\}/.exec(
      read('src/service/options.ts'),
    ) ?? [];
  const options = [...`${perCollection}${whole}`.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name = '']) => name);
  expect(options.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  expect(options.length).toBeGreaterThan(15);
});
