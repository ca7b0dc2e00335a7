import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';

const origin = 'http://localhost';

test('G19 a full disk rejects and changes nothing', async () => {
  const script = await bundle(
    `import { createLocalForageStorage } from './src/adapters/storage/localforage-storage.ts';
    Object.assign(globalThis, { createLocalForageStorage });`,
    'browser',
  );
  const browser = await chromium.launch({ ...(await findChromium()), args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    await page.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto(`${origin}/`);
    await page.addScriptTag({ content: script });
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 200_000 });
    const outcome = await page.evaluate(`(async () => {
      const storage = createLocalForageStorage({ name: 'full' });
      await storage.setItem('key', 'old');
      const tooMuch = Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 7_919) % 251);
      const failure = await storage.setItem('key', tooMuch).catch((error) => error.name);
      return [failure, await storage.getItem('key'), await storage.setItem('other', 'small')];
    })()`);
    expect(outcome).toEqual(['QuotaExceededError', 'old', 'small']);
  } finally {
    await browser.close();
  }
});
