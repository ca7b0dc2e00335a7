import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type BrowserContext } from 'playwright-core';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';

/** A browser that treats its pages as it does a user's: one behind another is hidden, throttled, and may freeze; one that was left is kept. */
export interface EverydayChromium {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts it without what Playwright changes: pages that never know that they are in the background, and no back/forward cache. */
export async function startEverydayChromium(): Promise<EverydayChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'syncline-everyday-'));
  const { executablePath, env } = await findChromium();
  const args = [...chromiumFlags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(executablePath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const browser = await chromium.connectOverCDP(await addressIn(child.stderr), { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('The browser has no context of its own.');
  return {
    context,
    async close() {
      await browser.close();
      child.kill('SIGKILL');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      const address = /DevTools listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    lines.on('close', () => reject(new Error('The browser ended before it listened.')));
  });
}
