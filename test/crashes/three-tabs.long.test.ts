import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SyncState } from '../../src/index.ts';
import { askedNumber } from '../support/asked-number.ts';
import { chromiumFlags, findChromium } from '../support/chromium.mjs';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { expectAgreement } from './expect-agreement.ts';
import { startTabHost, stateOf, type TabHost } from './tab-host.ts';

const rounds = askedNumber('SYNCLINE_TAKEOVERS', 1);
const patience = { timeout: 30_000 };
const leading = expect.objectContaining({ role: 'leader', connectivity: 'online' });

let folder: string;
let host: TabHost;
let browser: Browser;
let context: BrowserContext;
let tabs: Map<string, Page>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-tabs-'));
  host = await startTabHost(join(folder, 'server.db'));
  browser = await chromium.launch({ ...(await findChromium()), args: [...chromiumFlags] });
  context = await browser.newContext();
  await host.attach(context);
  tabs = new Map();
});
afterEach(async () => {
  await browser.close();
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const open = async (life: string) => void tabs.set(life, await host.open(context, life));

/** Waits until one of these tabs leads, and names it. */
async function leaderOf(lives: readonly string[]): Promise<string> {
  let states: readonly SyncState[] = [];
  const look = async () => {
    states = await Promise.all(lives.map(async (life) => (await stateOf(tabs.get(life)!)).sync));
    return states;
  };
  await expect.poll(look, patience).toContainEqual(leading);
  return lives[states.findIndex(({ role }) => role === 'leader')] ?? '';
}

const withoutTab = (life: string) => [...tabs.keys()].filter((each) => each !== life);

/** Ends the leader in one way, sees that another one takes over and that all write on. */
async function lose(end: (page: Page) => Promise<unknown>): Promise<void> {
  const leader = await leaderOf([...tabs.keys()]);
  const page = tabs.get(leader)!;
  tabs.delete(leader);
  await end(page);
  await leaderOf([...tabs.keys()]);
  await open(`${leader}+`);
  await host.moreDurable(20);
}

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Stops the leader in the middle of its script until another tab leads. */
async function freezeLeader(): Promise<void> {
  const leader = await leaderOf([...tabs.keys()]);
  const session = await context.newCDPSession(tabs.get(leader)!);
  await session.send('Debugger.enable');
  const stopped = new Promise((resolve) => session.once('Debugger.paused', resolve));
  const evaluated = session.send('Runtime.evaluate', { expression: 'tab.freeze()' });
  await stopped;
  await leaderOf(withoutTab(leader));
  await host.moreDurable(20);
  await session.send('Debugger.resume');
  await evaluated;
  await session.detach();
  const thawed = tabs.get(leader)!;
  await expect.poll(async () => (await stateOf(thawed)).sync.role, patience).toBe('follower');
  await host.moreDurable(20);
}

test(
  `G18 G1 G2 G3 three tabs write while their leader is closed, killed and frozen (${rounds} rounds)`,
  async () => {
    sayHowToRunAgain({ SYNCLINE_TAKEOVERS: rounds });
    for (const life of ['a', 'b', 'c']) await open(life);
    for (let round = 0; round < rounds; round += 1) {
      await lose((page) => page.close());
      await lose(crash);
      await freezeLeader();
    }
    await expectAgreement(host, [...tabs.values()]);
    for (const page of tabs.values()) await host.reload(page);
    await leaderOf([...tabs.keys()]);
    await expectAgreement(host, [...tabs.values()]);
  },
  120_000 + rounds * 180_000,
);
