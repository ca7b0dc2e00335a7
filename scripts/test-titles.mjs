import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders = ['test', 'src/testing'];

/** Ids with which the titles in a test file start: `S12 keeps …`, `S26 S43 …`; of a rule that users test with too, `cites`. */
function idsIn(text) {
  const titles = text.matchAll(/['"`]((?:[SG]\d{1,2} ?)+)(?=[^\d]|$)/g);
  return new Set([...titles].flatMap(([, ids]) => ids.trim().split(' ')));
}

async function testFiles() {
  const lists = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => join(root, folder, name)),
    ),
  );
  return lists
    .flat()
    .filter((name) => /\.(test|table|contract|rules)\.ts$/.test(name))
    .toSorted();
}

/**
 * Which test files wear an id, by path from the repository's root.
 *
 * @returns {Promise<Map<string, readonly string[]>>}
 */
export async function findWearers() {
  const filesById = new Map();
  for (const file of await testFiles())
    for (const id of idsIn(await readFile(file, 'utf8')))
      filesById.set(id, [...(filesById.get(id) ?? []), relative(root, file)]);
  return filesById;
}
