import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from './packed-package.ts';

const limit = 96 * 1024;

test(`the entry point, with all that it needs, is at most ${limit} bytes minified and compressed`, async () => {
  const { outputFiles } = await build({
    entryPoints: [`${root}dist/src/index.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const bytes = outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
  expect(bytes).toBeLessThanOrEqual(limit);
  expect(bytes).toBeGreaterThan(limit / 10);
});
