import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commandToRunAgain } from '../support/run-again.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('every random test goes through the one runner, which prints the seed and the command that runs it again', async () => {
  const files = (await readdir(`${root}test`, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(files.map((file) => readFile(`${root}test/${file}`, 'utf8')));
  const [asking, running] = [/\bfc\.(?:assert|check)\(/, /\brun(?:Async)?Property\(/];
  const having = (pattern: RegExp) => files.filter((_, index) => pattern.test(texts[index] ?? ''));
  expect(having(asking)).toEqual(['core/run-property.ts']);
  expect(having(running).length).toBeGreaterThan(20);
});

describe('in a suite', () => {
  test("what's printed runs this test (and no other) again, whatever $signs are in its title", () => {
    const command = commandToRunAgain({ SYNCLINE_SEED: -7, SYNCLINE_PATH: '1:0' });
    const [, said, pattern] = /^(.*) -t '(.*)'$/.exec(command) ?? [];
    expect(said).toBe('SYNCLINE_SEED=-7 SYNCLINE_PATH=1:0 npx vitest run test/house/random-tests.test.ts');
    expect("in a suite what's printed runs this test (and no other) again, whatever $signs are in its title").toMatch(
      new RegExp(pattern ?? ''),
    );
  });
});
