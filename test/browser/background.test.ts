import type { CDPSession, Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSyncServer, type SyncServer } from '../../src/server/index.ts';
import { create } from '../crashes/effects.ts';
import { joinSocket, type TestSocket } from '../server/support/socket.ts';
import { bundle } from '../support/bundle.ts';
import { startScriptSite, type ScriptSite } from '../support/script-site.ts';
import { startSwallowingProxy, type SwallowingProxy } from '../support/swallowing-proxy.ts';
import type { BackgroundState } from './background-page.ts';
import { startEverydayChromium, type EverydayChromium } from './everyday-chromium.ts';

/** The shortest that a client takes from a server. */
const heartbeatMs = 1_000;
const patience = { timeout: 60_000 };

let browser: EverydayChromium;
let site: ScriptSite;
let server: SyncServer;
let url: string;
let line: SwallowingProxy;
let watcher: TestSocket;
let page: Page;
let session: CDPSession;
beforeEach(async () => {
  const script = await bundle(
    `import { followRows } from './test/browser/background-page.ts';
    if (location.search !== '') followRows();`,
    'browser',
  );
  [browser, site] = await Promise.all([startEverydayChromium(), startScriptSite(script)]);
  server = await createSyncServer({ database: ':memory:', origins: [site.origin], limits: { heartbeatMs } });
  ({ url } = await server.listen(0));
  line = await startSwallowingProxy(url);
  watcher = await joinSocket(url);
  await create(url, 'rows', { id: 'first' });
  page = await browser.context.newPage();
  await page.goto(`${site.origin}/?${new URLSearchParams({ server: url, line: line.url }).toString()}`);
  session = await browser.context.newCDPSession(page);
  await expect.poll(state, patience).toMatchObject({ realTime: 'live', ids: ['first'] });
});
afterEach(async () => {
  await browser.close();
  watcher.socket.close();
  await Promise.all([line.close(), site.close()]);
  await server.close();
});

const state = () => page.evaluate<BackgroundState>('state()');
const openSockets = ({ sockets }: Pick<BackgroundState, 'sockets'>) => sockets.map(({ isOpen }) => isOpen);

async function serverBeats(count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) await new Promise((resolve) => watcher.socket.once('ping', resolve));
}

async function putBehind(): Promise<void> {
  const front = await browser.context.newPage();
  await front.goto(site.origin);
  await front.bringToFront();
  await expect.poll(state, patience).toMatchObject({ told: ['hidden'] });
}

interface Hardship {
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
  readonly told: readonly string[];
}

const throttled: readonly (readonly [string, Hardship])[] = [
  ['is behind another one', { begin: putBehind, end: () => page.bringToFront(), told: ['hidden', 'visible'] }],
  [
    'has a twentieth of the processor',
    {
      begin: () => session.send('Emulation.setCPUThrottlingRate', { rate: 20 }),
      end: () => session.send('Emulation.setCPUThrottlingRate', { rate: 1 }),
      told: [],
    },
  ],
];

test.each(throttled)('G14 a tab that %s keeps its socket, and hears by it', async (_, { begin, end, told }) => {
  await begin();
  await serverBeats(4);
  await create(url, 'rows', { id: 'meanwhile' });
  await end();
  await serverBeats(3);
  await expect.poll(state, patience).toMatchObject({ realTime: 'live', ids: ['first', 'meanwhile'], told });
  expect(openSockets(await state())).toEqual([true]);
});

const none: Hardship = { begin: async () => undefined, end: async () => undefined, told: [] };

test.each([['is in front', none] as const, ...throttled])(
  'G14 a tab that %s notices within two heartbeats that its line is dead, and takes another',
  async (_, { begin, end }) => {
    await begin();
    line.swallow();
    await create(url, 'rows', { id: 'missed' });
    await expect.poll(async () => openSockets(await state()), patience).toEqual([false, true]);
    expect((await state()).sockets[0]?.unanswered).toBeLessThanOrEqual(2);
    await expect.poll(state, patience).toMatchObject({ realTime: 'live', ids: ['first', 'missed'] });
    await end();
  },
);

test('G14 S6 a tab whose socket Chromium has ended, for it was frozen, takes another when it goes on', async () => {
  await putBehind();
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await create(url, 'rows', { id: 'missed' });
  await serverBeats(4);
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await expect.poll(state, patience).toMatchObject({ realTime: 'live', ids: ['first', 'missed'] });
  const { told, sockets } = await state();
  expect({ told, open: openSockets({ sockets }) }).toEqual({
    told: ['hidden', 'freeze', 'resume'],
    open: [false, true],
  });
});

test('G14 S6 a page that comes back from the back/forward cache is live again, and shows what it missed', async () => {
  const reasons: unknown[] = [];
  session.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => reasons.push(notRestoredExplanations));
  await session.send('Page.enable');
  await page.goto(site.origin);
  await create(url, 'rows', { id: 'missed' });
  await serverBeats(4);
  await page.goBack({ waitUntil: 'commit' });
  await expect.poll(state, patience).toMatchObject({ realTime: 'live', ids: ['first', 'missed'] });
  expect({ reasons, told: (await state()).told }).toEqual({ reasons: [], told: expect.arrayContaining(['restored']) });
});
