import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('every random test goes through the one runner, which prints the seed and the command that runs it again', async () => {
  const files = (await readdir(`${root}test`, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(files.map((file) => readFile(`${root}test/${file}`, 'utf8')));
  const [asking, running] = [/\bfc\.(?:assert|check)\(/, /\brun(?:Async)?Property\(/];
  const having = (pattern: RegExp) => files.filter((_, index) => pattern.test(texts[index] ?? ''));
  expect(having(asking)).toEqual(['core/run-property.ts']);
  expect(having(running).length).toBeGreaterThan(20);
});
