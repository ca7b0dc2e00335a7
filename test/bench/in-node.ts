import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Line } from './benchmark.ts';
import { bundleCase, root } from './bundle-case.ts';

/** A case and how it is to be run. */
export interface Run {
  readonly name: string;
  /** Path of the module that exports `benchmark`, relative to the repository's root. */
  readonly module: string;
  readonly rounds: number;
  readonly profileFolder: string | null;
}

/** Runs a case in a plain Node process of its own. Rejects when it fails. */
export async function runInNode({ name, module, rounds, profileFolder }: Run): Promise<readonly Line[]> {
  const folder = join(root, '.syncline/bench');
  const file = join(folder, `${name}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, await bundleCase(nodeEntry(module, rounds), 'node'));
  const profile =
    profileFolder === null
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
  const child = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=4096', ...profile, file], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    cwd: root,
    timeout: 600_000,
  });
  let lines: readonly Line[] | null = null;
  child.on('message', (message) => {
    lines = message as readonly Line[];
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  await rm(file, { force: true });
  if (lines === null) throw new Error(`The case ${name} ended with ${code} and without a result.`);
  return lines;
}

function nodeEntry(module: string, rounds: number): string {
  return `
    import { benchmark } from ${JSON.stringify(module)};
    const nowhere = () => Promise.reject(new Error('Only in Chromium.'));
    const lines = await benchmark({ rounds: ${rounds}, origin: '', startServer: nowhere, stopServer: nowhere });
    process.send(lines, () => process.exit(0));
  `;
}
