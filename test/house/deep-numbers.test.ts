import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { askedNumber } from '../support/asked-number.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFile(`${root}${path}`, 'utf8');
const matches = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].toSorted();

const seeds = ['SYNCLINE_FIRST_SEED', 'SYNCLINE_SEED'];
const name = 'SYNCLINE_SOME';

async function readTests(): Promise<string> {
  const files = (await readdir(`${root}test`, { recursive: true })).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => read(`test/${file}`)))).join('\n');
}

test('the deep run sets every number that a test asks for and no other, and CONTRIBUTING says what each does', async () => {
  const asked = matches(await readTests(), /askedNumber\('(\w+)'/g);
  const set = matches(await read('scripts/test-deep.mjs'), /^ {2}(SYNCLINE_\w+):/gm);
  expect([...set, ...seeds].toSorted()).toEqual(asked);
  const contributing = await read('CONTRIBUTING.md');
  expect(asked.filter((each) => !contributing.includes(`\`${each}\``))).toEqual([]);
});

test('no test reads a number of the environment by itself', async () => {
  expect(matches(await readTests(), /(Number\(process\.env\S*)/g)).toEqual([]);
});

test('a number that is asked for is the number, also a smaller one; else it is what every change gets', () => {
  expect(askedNumber(name, 7)).toBe(7);
  vi.stubEnv(name, '3');
  expect(askedNumber(name, 7)).toBe(3);
  vi.unstubAllEnvs();
});

test.each(['', ' ', 'many', '0', '-1', '1.5', 'Infinity'])('%j is refused: nothing would be run', (asked) => {
  vi.stubEnv(name, asked);
  expect(() => askedNumber(name, 7)).toThrow(`${name} is a whole number, 1 or more`);
  vi.unstubAllEnvs();
});
