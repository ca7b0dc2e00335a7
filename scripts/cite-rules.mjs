import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findWearers } from './test-titles.mjs';

const section = /(<!-- citations -->\n)[^]*?(<!-- \/citations -->)/;

/** Which documents list the tests of which ids, and where they name the ids. */
const documents = [
  { path: 'machines/SPEC.md', ids: /^- \*\*(S\d+)\*\*/gm },
  { path: 'docs/guarantees.md', ids: /^\| (G\d+) /gm },
];

const wearers = await findWearers();

for (const { path, ids } of documents) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const text = await readFile(file, 'utf8');
  const lines = [...text.matchAll(ids)].map(
    ([, id]) => `- ${id}: ${(wearers.get(id) ?? []).map((name) => `\`${name}\``).join(', ') || 'nothing yet'}\n`,
  );
  await writeFile(
    file,
    text.replace(section, (_, opening, closing) => `${opening}\n${lines.join('')}\n${closing}`),
  );
}
