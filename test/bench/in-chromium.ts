import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';
import type { Line } from './benchmark.ts';
import { bundleCase } from './bundle-case.ts';
import type { Run } from './in-node.ts';
import { startLoopback } from './loopback.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

/**
 * Runs a case in a page of a fresh Chromium with its profile on disk. Rejects when it fails. `packagesOf`: the folder whose
 * `node_modules` has what the repository's lacks.
 */
export async function runInChromium(run: Run, packagesOf?: string): Promise<readonly Line[]> {
  const script = await bundleCase(browserEntry(run.module), 'browser', packagesOf);
  const folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'));
  const loopback = await startLoopback();
  const { executablePath, env } = await findChromium();
  const args = [...chromiumFlags, '--js-flags=--expose-gc'];
  const context = await chromium.launchPersistentContext(folder, { executablePath, env, args });
  let server: ServerProcess | null = null;
  const stopServer = async (): Promise<void> => {
    await server?.stop();
    server = null;
  };
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'log') console.log(message.text());
    });
    page.on('pageerror', (error) => console.error(error));
    await page.exposeFunction('benchStartServer', async () => {
      await stopServer();
      server = await startServerProcess();
      return server.url;
    });
    await page.exposeFunction('benchStopServer', stopServer);
    await page.goto(loopback.origin);
    await page.addScriptTag({ content: script });
    const finish = run.profileFolder === null ? null : await profile(context, page, join(run.profileFolder, run.name));
    const measuring = page.evaluate((rounds) => globalThis.runBenchmark(rounds), run.rounds);
    const lines = await Promise.race([measuring, overdue(page)]);
    await finish?.();
    return lines;
  } finally {
    await context.close();
    await stopServer();
    await loopback.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Rejects after a while: a page that waits for ever must not hold up the others. */
async function overdue(page: Page): Promise<never> {
  const limitMs = 900_000;
  await page.waitForEvent('close', { timeout: limitMs });
  throw new Error('The page closed.');
}

declare global {
  var runBenchmark: (rounds: number) => Promise<readonly Line[]>;
}

function browserEntry(module: string): string {
  return `
    import { benchmark } from ${JSON.stringify(module)};
    globalThis.runBenchmark = (rounds) => benchmark({
      rounds,
      origin: location.origin,
      startServer: () => globalThis.benchStartServer(),
      stopServer: () => globalThis.benchStopServer(),
    });
  `;
}

async function profile(context: BrowserContext, page: Page, file: string): Promise<() => Promise<void>> {
  const session = await context.newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 500 });
  await session.send('Profiler.start');
  return async () => {
    const { profile: recorded } = await session.send('Profiler.stop');
    await writeFile(`${file}.cpuprofile`, JSON.stringify(recorded));
  };
}
