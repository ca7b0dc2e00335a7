import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../bundle-case.ts';
import { runInChromium } from '../in-chromium.ts';
import { formatMs } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { benchmarks, processors, replaceSection } from '../report.ts';
import type { PeerResult } from './peer.ts';

/** Not beside this file: what looks for tests and types would find those of the libraries. */
const folder = join(root, '.syncline/peers');
const packages = ['rxdb', 'pouchdb-browser', 'dexie', '@tanstack/offline-transactions'];

/** Installs the libraries into their own folder, measures them beside ours, and writes `docs/benchmarks-peers.json` and the sections of `docs/benchmarks.md` and the README. */
export async function runPeers({ rounds, profileFolder }: BenchOptions): Promise<void> {
  await install();
  const run = { name: 'peers', module: './test/bench/peers/all.mjs', rounds, profileFolder };
  const results = (await runInChromium(run, folder)) as unknown as readonly PeerResult[];
  const versions = Object.fromEntries(await Promise.all(packages.map(versionOf)));
  const about = { date: new Date().toISOString().slice(0, 10), rounds, processors: processors(), versions };
  await writeFile(join(root, 'docs/benchmarks-peers.json'), `${JSON.stringify({ ...about, results }, null, 2)}\n`);
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const measured = `Measured ${about.date} in Chromium on ${about.processors}, medians of ${rounds} runs: ${named.join(', ')}.`;
  const text = formatPeers(results, measured);
  for (const file of [benchmarks, join(root, 'README.md')]) await replaceSection(file, 'peers', text);
}

async function install(): Promise<void> {
  const manifest = join(root, 'test/bench/peers/package.json');
  const installed = await readFile(join(folder, 'installed.json'), 'utf8').catch(() => '');
  if (installed === (await readFile(manifest, 'utf8'))) return;
  await mkdir(folder, { recursive: true });
  await copyFile(manifest, join(folder, 'package.json'));
  // The peer dependencies of these libraries are frameworks and databases that nothing here uses.
  const args = ['install', '--legacy-peer-deps', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error('The libraries cannot be installed.');
  await copyFile(manifest, join(folder, 'installed.json'));
}

async function versionOf(name: string): Promise<readonly [string, string]> {
  const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return [name, (JSON.parse(manifest) as { version: string }).version];
}

function formatPeers(results: readonly PeerResult[], about: string): string {
  const cell = (ms: number | null) => (ms === null ? '-' : formatMs(ms));
  const rows = results.map((result) => {
    const { name, writeEachMs, writeBulkMs, drainFewMs, drainManyMs, startUpMs } = result;
    const cells = [writeEachMs / 1_000, writeBulkMs, drainFewMs, drainManyMs, startUpMs].map(cell);
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  return `${about} Each with its bulk call and batches of 100.
Dexie has no synchronisation without its cloud: it gets an outbox and the shortest loop over it. TanStack keeps transactions
on disk and no entities, does not wait for the disk's commit, and drains transactions of 100 inserts here: it is the faster one
where that is all an app needs.

| | durable write, one after the other | 10,000 in bulk | drain 1,000 | drain 10,000 | start-up with 10,000 |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}
