import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

interface Manifest {
  dependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  bin: Record<string, string>;
}

/** A finished command. A failing one does not reject. */
export interface Finished {
  exitCode: number;
  output: string;
}

/** Runs a command to its end, with nothing in its environment that a test runner put there. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const own = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|NODE_TEST_CONTEXT|VITEST.*)$/.test(name));
  const env = { ...Object.fromEntries(own), ...variables };
  return promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      exitCode: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Packs what a release would hold, and gives the path of the tarball. Needs the build in `dist`. */
export async function pack(directory: string): Promise<string> {
  const { exitCode, output } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], root);
  const name = /^syncline-.*\.tgz$/m.exec(output)?.[0];
  if (exitCode !== 0 || name === undefined) throw new Error(`npm pack failed:\n${output}`);
  return join(directory, name);
}

/**
 * A project that has installed the tarball: the package unpacked, the packages that it declares as dependencies (and `peers`) linked from this
 * repository, nothing else, and the sources of `consumer/`.
 */
export async function installConsumer(directory: string, tarball: string, peers: readonly string[]): Promise<string> {
  const project = join(directory, 'consumer');
  const modules = join(project, 'node_modules');
  await cp(join(root, 'test/packaging/consumer'), project, { recursive: true });
  await mkdir(modules, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', modules], project);
  await rename(join(modules, 'package'), join(modules, 'syncline'));
  const { dependencies } = await readManifest(join(modules, 'syncline'));
  for (const name of [...Object.keys(dependencies), ...peers]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  return project;
}
