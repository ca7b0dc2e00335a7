import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyncError } from '../../src/core/errors.ts';
import { describeLocks, describeLocksOfLostTabs } from '../contracts/locks.contract.ts';
import { describeChannelsOfLostTabs, describeTabChannels } from '../contracts/tab-channel.contract.ts';
import { bundle } from '../support/bundle.ts';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';
import { createGate } from '../support/gate.ts';
import { createPageOrigin } from './page-origin.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ ...(await findChromium()), args: [...chromiumFlags] });
});
afterAll(() => browser.close());

const never = new AbortController().signal;
const withoutBroadcast = 'delete globalThis.BroadcastChannel;';
const pages = () => createPageOrigin({ browser });
const oldPages = () => createPageOrigin({ browser, before: withoutBroadcast });

describeLocks('Web Locks between pages', pages);
describeLocksOfLostTabs('Web Locks between pages', pages);
describeTabChannels('BroadcastChannel between pages', pages);
describeChannelsOfLostTabs('BroadcastChannel between pages', pages);
describeTabChannels('storage events between pages', oldPages);
describeChannelsOfLostTabs('storage events between pages', oldPages);

test('S44 a page without BroadcastChannel has channels all the same; one that is not secure has no locks', async () => {
  const [old, insecure] = [await oldPages(), await createPageOrigin({ browser, url: 'http://plain.example/' })];
  const [oldPage, insecurePage] = [await old.open(), await insecure.open()];
  expect(await oldPage.page.evaluate('typeof BroadcastChannel')).toBe('undefined');
  expect([oldPage.has, insecurePage.has]).toEqual([
    { locks: true, tabs: true },
    { locks: false, tabs: true },
  ]);
  await Promise.all([old.end(), insecure.end()]);
});

test('G18 the first locks that a page asks for are granted in the order of asking', async () => {
  const origin = await pages();
  const { page } = await origin.open();
  const script = await bundle(
    `import { createEnvironment } from './src/adapters/browser/environment.ts';
    globalThis.ask = async (log) => {
      const { locks } = createEnvironment();
      const asked = [];
      for (let number = 0; number < 20; number += 1) {
        asked.push(locks.request('lock', { signal: new AbortController().signal }, async () => void log.push(number)));
        await new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          port2.postMessage(null);
        });
      }
      await Promise.all(asked);
    };`,
    'browser',
  );
  const orders = await page.evaluate(`(async () => {
    const orders = [];
    for (let round = 0; round < 40; round += 1) {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      frame.contentWindow.eval(${JSON.stringify(script)});
      const log = [];
      await frame.contentWindow.ask(log);
      orders.push(log);
      frame.remove();
    }
    return orders;
  })()`);
  const inOrder = Array.from({ length: 20 }, (_, number) => number);
  expect(orders).toEqual(Array.from({ length: 40 }, () => inOrder));
});

test('S44 a frame without an origin is refused its locks, not left waiting', async () => {
  const origin = await pages();
  const { page } = await origin.open();
  const script = await bundle(
    `import { createEnvironment } from './src/adapters/browser/environment.ts';
    const { locks } = createEnvironment();
    const { signal } = new AbortController();
    (locks?.request('lock', { signal }, async () => 'granted') ?? Promise.resolve('no locks')).then(
      (outcome) => parent.postMessage(outcome, '*'),
      (error) => parent.postMessage(error.code, '*'),
    );`,
    'browser',
  );
  const outcome = await page.evaluate(`new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data));
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = '<script>' + ${JSON.stringify(script).replaceAll('</', String.raw`<\/`)} + '</' + 'script>';
    document.body.append(frame);
  })`);
  expect(outcome).toBe('unsupported');
  await origin.end();
});

test('G18 a worker is a tab, too: it speaks, it holds, and loses its lock when it is terminated', async () => {
  const origin = await pages();
  const [home, other] = [await origin.open(), await origin.open()];
  const script = await bundle(
    `import { createEnvironment } from './src/adapters/browser/environment.ts';
    const { locks, tabs } = createEnvironment();
    const channel = tabs.open('news');
    locks.request('lock', { signal: new AbortController().signal }, () => {
      channel.post('the worker holds');
      return new Promise(() => undefined);
    });`,
    'browser',
  );
  const channel = await other.openChannel('news');
  const told = new Promise((resolve) => {
    channel.messages$.subscribe(resolve);
  });
  await home.page.evaluate(`{
    const source = new Blob([${JSON.stringify(script)}], { type: 'text/javascript' });
    globalThis.worker = new Worker(URL.createObjectURL(source));
  }`);
  expect(await told).toBe('the worker holds');
  const next = other.locks.request('lock', { signal: never }, async () => undefined);
  await home.page.evaluate('worker.terminate()');
  await next;
  await origin.end();
});

test('G18 a page that stands still keeps its lock, and learns when it goes on that it was stolen', async () => {
  const origin = await pages();
  const [home, other] = [await origin.open(), await origin.open()];
  const [held, log] = [createGate(), [] as string[]];
  const lost = home.locks
    .request('lock', { signal: never }, async () => {
      held.open();
      return createGate().opened;
    })
    .catch((error: SyncError) => log.push(`goes on: ${error.code}`));
  await held.opened;
  const session = await home.page.context().newCDPSession(home.page);
  await session.send('Debugger.enable');
  const stopped = new Promise((resolve) => session.once('Debugger.paused', resolve));
  const evaluated = session.send('Runtime.evaluate', { expression: 'debugger' });
  await stopped;
  const next = other.locks.request('lock', { signal: never }, async () => void log.push('next'));
  await other.locks.request('sentinel', { signal: never }, async () => void log.push('sentinel'));
  await other.locks.request('lock', { signal: never, steal: true }, async () => void log.push('stolen'));
  await next;
  await session.send('Debugger.resume');
  await Promise.all([evaluated, lost]);
  expect(log).toEqual(['sentinel', 'stolen', 'next', 'goes on: aborted']);
  await origin.end();
});
