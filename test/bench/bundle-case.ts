import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The repository's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * One script of TypeScript whose imports are relative to the repository's root, in production mode, names kept for
 * profiles: a module that finds the installed packages in Node, a classic script with everything in it for the browser.
 */
export async function bundleCase(source: string, platform: 'node' | 'browser', packagesOf = root): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    platform,
    format: platform === 'node' ? 'esm' : 'iife',
    target: platform === 'node' ? 'node20' : 'es2023',
    define: { 'process.env.NODE_ENV': '"production"' },
    nodePaths: [`${packagesOf}/node_modules`],
    logLevel: 'error',
    ...(platform === 'node' ? { packages: 'external' } : {}),
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('Nothing was bundled.');
  return file.text;
}
