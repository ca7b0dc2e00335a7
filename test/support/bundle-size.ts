import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What an app loads, minified, each file compressed by itself with gzip. */
export interface BundleSize {
  /** Bytes of what has to be there before the first line runs. */
  readonly atOnce: number;
  /** Bytes of what is loaded when it is needed. */
  readonly later: number;
  /** The packages that have code in what is loaded at once, sorted. */
  readonly packages: readonly string[];
  /** The modules that have code in what is loaded at once: paths relative to the repository's root. */
  readonly modules: readonly string[];
}

/** Bundles `source` for browsers as an app does, with imports relative to the repository's root. */
export async function measureBundle(source: string): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root, sourcefile: 'app.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: root,
    absWorkingDir: root,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'app.ts')?.[0] ?? '';
  const atOnce = reachedFrom([entry], metafile, ['import-statement']);
  const all = reachedFrom([entry], metafile, ['import-statement', 'dynamic-import']);
  const bytesOf = (names: ReadonlySet<string>): number =>
    outputFiles
      .filter(({ path }) => names.has(path.slice(root.length)))
      .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  const modules = modulesOf(atOnce, metafile);
  return {
    atOnce: bytesOf(atOnce),
    later: bytesOf(all) - bytesOf(atOnce),
    packages: [...new Set(modules.flatMap(packageOf))].toSorted(),
    modules,
  };
}

function reachedFrom(names: readonly string[], { outputs }: Metafile, kinds: readonly string[]): ReadonlySet<string> {
  const reached = new Set(names);
  for (const name of reached)
    for (const { kind, path, external } of outputs[name]?.imports ?? [])
      if (kinds.includes(kind) && external !== true) reached.add(path);
  return reached;
}

function modulesOf(names: ReadonlySet<string>, { outputs }: Metafile): readonly string[] {
  return [...names].flatMap((name) =>
    Object.entries(outputs[name]?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([module]) => module),
  );
}

function packageOf(module: string): readonly string[] {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
  return name === undefined ? [] : [name];
}
