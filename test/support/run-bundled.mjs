import { mkdir } from 'node:fs/promises';
import { build } from 'esbuild';

const folder = new URL('../../.syncline/run/', import.meta.url);

/**
 * Runs a TypeScript module of this repository in this process. `entry`: its URL; `name`: of the file that is made of it.
 *
 * @param {URL} entry
 * @param {string} name
 */
export async function runBundled(entry, name) {
  const outfile = new URL(`${name}.mjs`, folder);
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [entry.pathname],
    outfile: outfile.pathname,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  process.setSourceMapsEnabled(true);
  await import(outfile.href);
}
