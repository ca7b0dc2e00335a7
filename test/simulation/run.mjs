import { mkdir } from 'node:fs/promises';
import { build } from 'esbuild';

const folder = new URL('../../.syncline/', import.meta.url);
const outfile = new URL('simulate.mjs', folder);

await mkdir(folder, { recursive: true });
await build({
  entryPoints: [new URL('simulate.ts', import.meta.url).pathname],
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
