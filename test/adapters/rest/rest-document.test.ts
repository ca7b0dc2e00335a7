import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

test('the documented options are those that were tried on real servers', async () => {
  const tried = (await read('tried-servers.ts')).replace('../../../src/rest.ts', 'syncline/rest');
  expect(await read('../../../docs/rest.md')).toContain(`\`\`\`ts\n${tried}\`\`\``);
});
