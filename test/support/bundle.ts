import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * One script made from TypeScript source, for a process or page of its own. Imports of `source` are relative to the repository's root.
 * For the browser it is a classic script, for Node a module that finds packages only where it is put inside the repository, or bundled.
 */
export async function bundle(source: string, platform: 'node' | 'browser'): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    platform,
    format: platform === 'node' ? 'esm' : 'iife',
    target: platform === 'node' ? 'node20' : 'es2023',
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('Nothing was bundled.');
  return file.text;
}
