import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { isMet, type Line } from './benchmark.ts';
import { root } from './bundle-case.ts';

/** What one case gave. */
export interface Measured {
  readonly name: string;
  readonly lines: readonly Line[];
}

export interface ReportOptions {
  /** Every case was run: only then the files are written. */
  readonly isWhole: boolean;
  readonly rounds: number;
}

const docs = join(root, 'docs');
/** The page that people read. */
export const benchmarks = join(docs, 'benchmarks.md');
const headings = '| work | ours | limit | measured | target | |\n| --- | --- | --- | --- | --- | --- |';

/** One row of the table. */
export function formatLine(line: Line): string {
  const { work, ours, limit, target } = line;
  const targetText = target === null ? 'reported' : `${target.is} ${quantity(target.value, line)}`;
  return `| ${work} | ${ours} | ${limit} | ${quantity(line.measured, line)} | ${targetText} | ${verdict(line)} |`;
}

/** Writes `docs/benchmarks.json` and `docs/benchmarks.md`; the section of the peers stays as it is. */
export async function writeReport(measured: readonly Measured[], { isWhole, rounds }: ReportOptions): Promise<void> {
  if (!isWhole) return;
  const about = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    rounds,
    processors: processors(),
  };
  await mkdir(docs, { recursive: true });
  const json = measured.map(({ name, lines }) => ({
    name,
    lines: lines.map((line) => ({ ...line, verdict: verdict(line) })),
  }));
  await writeFile(join(docs, 'benchmarks.json'), `${JSON.stringify({ ...about, cases: json }, null, 2)}\n`);
  const rows = measured.flatMap(({ lines }) => lines.map(formatLine)).join('\n');
  const text = `Measured ${about.date} with Node ${about.node} on ${about.processors}: medians of ${rounds} runs after a warm-up, ours and the
limit in turn within the same run. Only the ratios carry over to other machines. \`npm run bench\` measures all of it again,
\`npm run bench -- write\` one case; it fails when a target is missed.

${headings}
${rows}`;
  await replaceSection(benchmarks, 'syncline', text);
}

/** Puts text between the marks of a section of a file, and leaves the rest. */
export async function replaceSection(file: string, name: 'syncline' | 'peers', text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => emptyReport);
  const section = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
  await writeFile(
    file,
    before.replace(section, (_, opening, closing) => `${opening}\n${text}\n\n${closing}`),
  );
  spawnSync(join(root, 'node_modules/.bin/oxfmt'), [file]);
}

const emptyReport = `# Benchmarks

<!-- syncline -->
<!-- /syncline -->

## Beside others

<!-- peers -->

Not measured yet: \`npm run bench:peers\`.

<!-- /peers -->
`;

/** The machine, as far as it matters. */
export function processors(): string {
  return `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`;
}

function verdict(line: Line): string {
  const met = isMet(line);
  if (met === null) return '';
  return met ? 'PASS' : 'MISS';
}

function quantity(value: number, { unit }: Line): string {
  const digits = Math.abs(value) >= 100 || unit === 'operations' ? 0 : 2;
  return unit === 'x' ? `${value.toFixed(digits)}x` : `${Number(value.toFixed(digits))} ${unit}`;
}
