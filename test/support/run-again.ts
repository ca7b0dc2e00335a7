import { relative } from 'node:path';
import { expect, onTestFailed } from 'vitest';

type Variables = Readonly<Record<string, string | number | null>>;

/** The command that runs this test again with these variables, and no other test. */
export function commandToRunAgain(variables: Variables): string {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  // Vitest reads it as a regular expression, and puts a space between the titles that it shows with an arrow between.
  const title = currentTestName.replaceAll(' > ', ' ').replaceAll(/[^\w ]/g, '.');
  return [...settings, `npx vitest run ${relative('.', testPath)} -t '${title}'`].join(' ');
}

/** Prints that command if this test fails. */
export function sayHowToRunAgain(variables: Variables): void {
  onTestFailed(() => {
    process.stdout.write(`Run again: ${commandToRunAgain(variables)}\n`);
  });
}
