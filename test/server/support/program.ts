import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'syncline');

/** A Node program made from TypeScript, which finds the installed packages. */
export interface Program {
  readonly directory: string;
  start(args?: readonly string[], environment?: Readonly<Record<string, string>>): RunningProgram;
  remove(): Promise<void>;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  /** The next line of the standard output; rejects when there is none any more. */
  line(): Promise<string>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string }>;
}

/** `source`: TypeScript whose imports are relative to the repository's root. */
export async function buildProgram(source: string): Promise<Program> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'program-'));
  const file = join(directory, 'program.mjs');
  await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    ignoreAnnotations: true,
    outfile: file,
    logLevel: 'silent',
  });
  return {
    directory,
    start: (args = [], environment = {}) => run(file, args, environment),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function run(file: string, args: readonly string[], environment: Readonly<Record<string, string>>): RunningProgram {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    errors,
  }));
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`The program ended: ${(await ended).errors}`);
      return value;
    },
    ended,
  };
}
