import { chromium } from 'playwright-core';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';
import { root } from '../packaging/packed-package.ts';

const origin = 'http://localhost';

/** The app as a bundler splits it: by the path of each file. */
async function bundleApp(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createSyncService } from './src/index.ts';
        const accept = async (_, entity) => ({ entity, version: 1 });
        const sync = createSyncService({ get: async () => null, create: accept, update: accept, delete: async () => {} });
        Object.assign(globalThis, { sync });`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: '/',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

test('G19 an app whose storage cannot be loaded says so, and goes on; the next start finds it', async () => {
  const files = await bundleApp();
  let isRefused = true;
  const browser = await chromium.launch({ ...(await findChromium()), args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    await page.route(`${origin}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (isRefused && pathname.includes('localforage')) return route.abort();
      const body = files.get(pathname);
      if (body !== undefined) return route.fulfill({ contentType: 'text/javascript', body });
      return route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/stdin.js"></script>' });
    });
    const write = `(async () => {
      const write = sync.collection('tasks').put({ id: '1', title: 'Write it down' });
      const shown = sync.collection('tasks').get('1')?.title;
      const { version } = await write.synced;
      const { durable, error } = sync.getSnapshot();
      return { shown, version, durable, error: error?.code ?? null };
    })()`;
    await page.goto(`${origin}/`);
    const withoutStorage = await page.evaluate(write);
    isRefused = false;
    await page.reload();
    expect([withoutStorage, await page.evaluate(write)]).toEqual([
      { shown: 'Write it down', version: 1, durable: false, error: 'storage-failed' },
      { shown: 'Write it down', version: 1, durable: true, error: null },
    ]);
  } finally {
    await browser.close();
  }
});
