import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const specFile = join(root, 'machines/SPEC.md');
const section = /(<!-- citations -->\n)[^]*?(<!-- \/citations -->)/;

/** Ids with which the titles in a test file start: `S12 keeps …`, `S26 S43 …`; of a rule that users test with too, `cites`. */
function idsIn(text) {
  const titles = text.matchAll(/['"`]((?:[SG]\d{1,2} ?)+)(?=[^\d]|$)/g);
  return new Set([...titles].flatMap(([, ids]) => ids.trim().split(' ')));
}

async function testFiles() {
  const folders = ['test', 'src/testing'];
  const lists = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => join(root, folder, name)),
    ),
  );
  return lists.flat().filter((name) => /\.(test|table|contract|rules)\.ts$/.test(name));
}

async function citations(spec) {
  const filesById = new Map();
  for (const file of (await testFiles()).toSorted())
    for (const id of idsIn(await readFile(file, 'utf8')))
      filesById.set(id, [...(filesById.get(id) ?? []), relative(root, file)]);
  const rules = [...spec.matchAll(/^- \*\*(S\d+)\*\*/gm)].map(([, id]) => id);
  return rules.map(
    (id) => `- ${id}: ${(filesById.get(id) ?? []).map((file) => `\`${file}\``).join(', ') || 'nothing yet'}\n`,
  );
}

const spec = await readFile(specFile, 'utf8');
const lines = (await citations(spec)).join('');
await writeFile(
  specFile,
  spec.replace(section, (_, opening, closing) => `${opening}\n${lines}\n${closing}`),
);
