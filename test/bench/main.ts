import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMet, type Line } from './benchmark.ts';
import { root } from './bundle-case.ts';
import { runInChromium } from './in-chromium.ts';
import { runInNode } from './in-node.ts';
import { readOptions } from './options.ts';
import { runPeers } from './peers/run-peers.ts';
import { formatLine, writeReport, type Measured } from './report.ts';

const options = readOptions(process.argv.slice(2));
const casesFolder = join(root, 'test/bench/cases');
if (options.profileFolder !== null) await mkdir(options.profileFolder, { recursive: true });

if (options.isPeers) await runPeers(options);
else await runCases();

async function runCases(): Promise<void> {
  const { wanted } = options;
  const files = (await readdir(casesFolder)).filter((file) => file.endsWith('.bench.ts')).toSorted();
  const chosen = files.filter((file) => wanted.length === 0 || wanted.some((part) => nameOf(file) === part));
  if (chosen.length === 0) return refuse(files.map(nameOf));
  const measured: Measured[] = [];
  for (const file of chosen) {
    const lines = await runCase(file).catch((error: unknown) => {
      console.error(error);
      return null;
    });
    if (lines === null) continue;
    for (const line of lines) console.log(formatLine(line));
    measured.push({ name: nameOf(file), lines });
  }
  await writeReport(measured, { isWhole: measured.length === files.length, rounds: options.rounds });
  if (measured.length < chosen.length || measured.some(({ lines }) => lines.some((line) => isMet(line) === false)))
    process.exitCode = 1;
}

function refuse(names: readonly string[]): void {
  console.error(`There is no such benchmark. There are: ${names.join(', ')}.`);
  process.exitCode = 1;
}

async function runCase(file: string): Promise<readonly Line[]> {
  const run = file.endsWith('.browser.bench.ts') ? runInChromium : runInNode;
  console.log(`\n${nameOf(file)}`);
  return run({ ...options, name: nameOf(file), module: `./test/bench/cases/${file}` });
}

function nameOf(file: string): string {
  return file.slice(0, file.indexOf('.'));
}
