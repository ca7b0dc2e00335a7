import type { BrowserContext, Page } from 'playwright-core';
import { createSyncServer } from '../../src/server/index.ts';
import { bundle } from '../support/bundle.ts';
import { startScriptSite } from '../support/script-site.ts';
import { createShared, readEffects, type Effects } from './effects.ts';
import type { TabState } from './tab-page.ts';

/** A site whose pages write all the time, and the server that they write to. */
export interface TabHost {
  /** The rows whose writers were told that they are durable, in all lives. */
  readonly durable: ReadonlySet<string>;
  /** What no page should have told. */
  readonly troubles: readonly string[];
  /** Listens to the pages of a browser. */
  attach(context: BrowserContext): Promise<void>;
  /** Opens a page, which begins to write. */
  open(context: BrowserContext, life: string, options?: { readonly isPaused?: boolean }): Promise<Page>;
  /** Loads the page anew; it writes no more. */
  reload(page: Page): Promise<void>;
  /** Resolves when so many more rows are durable than now. */
  moreDurable(count: number): Promise<void>;
  effects(): Promise<Effects>;
  close(): Promise<void>;
}

/** A site on loopback with the reference server on a database of its own. */
export async function startTabHost(database: string): Promise<TabHost> {
  const script = await bundle(
    `import { runTab } from './test/crashes/tab-page.ts';
    runTab().catch((error) => trouble('start: ' + error.message));`,
    'browser',
  );
  const site = await startScriptSite(script);
  const server = await createSyncServer({ database, origins: [site.origin] });
  const { url } = await server.listen(0);
  await createShared(url);
  const durable = new Set<string>();
  const troubles: string[] = [];
  const waiting = new Set<{ readonly size: number; resolve(): void }>();
  return {
    durable,
    troubles,
    async attach(context) {
      // A starved machine is no failure: the limit of the test is the only one.
      context.setDefaultTimeout(0);
      await context.exposeFunction('durable', (id: string) => {
        durable.add(id);
        for (const each of waiting) if (durable.size >= each.size) each.resolve();
      });
      await context.exposeFunction('trouble', (message: string) => void troubles.push(message));
      context.on('weberror', (error) => troubles.push(error.error().message));
    },
    async open(context, life, { isPaused = false } = {}) {
      const page = await context.newPage();
      const query = new URLSearchParams({ life, server: url, ...(isPaused && { paused: '' }) });
      await page.goto(`${site.origin}/?${query.toString()}`);
      return page;
    },
    async reload(page) {
      await page.evaluate("history.replaceState(null, '', location.href + '&resting')");
      await page.reload();
    },
    async moreDurable(count) {
      if (count === 0) return;
      await new Promise<void>((resolve) => {
        const each = { size: durable.size + count, resolve };
        waiting.add(each);
      });
    },
    effects: () => readEffects(url, durable),
    async close() {
      await server.close();
      await site.close();
    },
  };
}

export const stateOf = (page: Page): Promise<TabState> => page.evaluate<TabState>('tab.state()');
