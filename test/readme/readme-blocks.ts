import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The TypeScript blocks of a document that have a name, which follows `ts` in their fence. */
export async function readBlocks(document: string): Promise<Map<string, string>> {
  const text = await readFile(join(root, document), 'utf8');
  return new Map([...text.matchAll(/^```ts (.+)\n([^]*?)^```$/gm)].map(([, name = '', code = '']) => [name, code]));
}

/** A place inside the repository where blocks are compiled and run against the sources. */
export interface BlockBench {
  /** What the compiler says of the blocks, each with what its text takes for granted; empty: nothing. */
  typeCheck(filesByName: ReadonlyMap<string, string>): Promise<string>;
  /** Runs a block under plain Node, in this process; gives what it is made to export. */
  run<T>(name: string, code: string): Promise<T>;
  remove(): Promise<void>;
}

const entries = {
  syncline: 'src/index.ts',
  'syncline/crypto': 'src/crypto.ts',
  'syncline/rest': 'src/rest.ts',
  'syncline/server': 'src/server/index.ts',
};

export async function createBlockBench(): Promise<BlockBench> {
  const folder = join(root, `node_modules/.cache/readme-${process.pid}`);
  await mkdir(folder, { recursive: true });
  const library = (name: string) => join(folder, `${name.replace('/', '-')}.mjs`);
  for (const [name, source] of Object.entries(entries)) {
    await build({
      entryPoints: [join(root, source)],
      outfile: library(name),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
  }
  let runs = 0;

  return {
    async typeCheck(filesByName) {
      const paths = Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, [join(root, source)]]));
      const files = [...filesByName.keys()].map((name) => `${name}.ts`);
      for (const [name, code] of filesByName) await writeFile(join(folder, `${name}.ts`), code);
      const config = {
        extends: join(root, 'test/tsconfig.json'),
        compilerOptions: { rootDir: root, paths },
        include: [join(root, 'src/core/*.d.ts')],
        files,
      };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      return promisify(execFile)(process.execPath, [compiler, '-p', folder]).then(
        ({ stdout }) => stdout,
        (failed: { stdout: string }) => failed.stdout,
      );
    },
    async run<T>(name: string, code: string): Promise<T> {
      const outfile = join(folder, `${name}-${(runs += 1)}.mjs`);
      await build({
        stdin: { contents: code, resolveDir: folder, loader: 'ts' },
        outfile,
        bundle: true,
        platform: 'node',
        format: 'esm',
        packages: 'external',
        alias: Object.fromEntries(Object.keys(entries).map((entry) => [entry, library(entry)])),
        external: Object.keys(entries).map(library),
        logLevel: 'silent',
      });
      return (await import(pathToFileURL(outfile).href)) as T;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
