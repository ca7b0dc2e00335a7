import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';

/** A browser with a profile on disk that can be killed and opened again. */
export interface ChromiumProfile {
  /** Where the profile is. */
  readonly folder: string;
  /** Starts the browser on this profile. */
  open(): Promise<BrowserContext>;
  /** Kills the browser's process with SIGKILL and resolves once it is gone. */
  kill(): Promise<void>;
  /** Closes the browser and removes the profile. */
  remove(): Promise<void>;
}

/** A fresh profile. */
export async function createChromiumProfile(): Promise<ChromiumProfile> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-profile-'));
  const { executablePath, env } = await findChromium();
  let running: BrowserContext | null = null;
  return {
    folder,
    async open() {
      running = await chromium.launchPersistentContext(folder, { executablePath, env, args: [...chromiumFlags] });
      return running;
    },
    async kill() {
      if (running === null) throw new Error('The browser is not open.');
      const closed = new Promise<void>((resolve) => running?.once('close', () => resolve()));
      process.kill(await browserProcessId(running), 'SIGKILL');
      await closed;
      running = null;
    },
    async remove() {
      await running?.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function browserProcessId(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession();
  const answer = await session?.send('SystemInfo.getProcessInfo');
  const id = answer?.processInfo.find(({ type }) => type === 'browser')?.id;
  if (id === undefined) throw new Error('The browser does not tell its process id.');
  return id;
}
