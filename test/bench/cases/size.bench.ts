import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { atMost, type Benchmark, type Line } from '../benchmark.ts';
import { root } from '../bundle-case.ts';

/** What an app that imports `syncline` loads: at once, and when it is needed. */
export const benchmark: Benchmark = async () => {
  const { atOnce, later } = await sizes();
  return [
    sizeLine('the entry minified and gzipped, what is loaded at once', atOnce, '50 KB'),
    sizeLine('the entry minified and gzipped, with all that is loaded later', atOnce + later, '50 KB'),
  ];
};

function sizeLine(work: string, bytes: number, limit: string): Line {
  const kilobytes = bytes / 1024;
  return { work, ours: `${kilobytes.toFixed(1)} KB`, limit, measured: kilobytes, unit: 'KB', target: atMost(50) };
}

async function sizes(): Promise<{ atOnce: number; later: number }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${root}src/index.ts`],
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: `${root}.syncline/size`,
    absWorkingDir: root,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const outputs = metafile.outputs;
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === 'src/index.ts') ?? '';
  const atOnce = new Set([entry]);
  for (const name of atOnce)
    for (const { kind, path } of outputs[name]?.imports ?? []) if (kind === 'import-statement') atOnce.add(path);
  const total = { atOnce: 0, later: 0 };
  for (const { path, contents } of outputFiles) {
    total[atOnce.has(path.slice(root.length)) ? 'atOnce' : 'later'] += gzipSync(contents, { level: 9 }).length;
  }
  return total;
}
