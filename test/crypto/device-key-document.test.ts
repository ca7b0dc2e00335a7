import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

test('the documented way to keep a key is the one that is tested', async () => {
  expect(await read('../../docs/data-at-rest.md')).toContain(`\`\`\`ts\n${await read('device-key.ts')}\`\`\``);
});
