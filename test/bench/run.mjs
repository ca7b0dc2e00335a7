import { mkdir } from 'node:fs/promises';
import { build } from 'esbuild';

const folder = new URL('../../.syncline/bench/', import.meta.url);
const outfile = new URL('main.mjs', folder);

await mkdir(folder, { recursive: true });
await build({
  entryPoints: [new URL('main.ts', import.meta.url).pathname],
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
