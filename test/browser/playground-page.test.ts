import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createChromiumProfile, type ChromiumProfile } from './chromium-profile.ts';
import { clientOf, openClient, type PlaygroundClient } from './playground-client.ts';
import { startPlayground, type PlaygroundProcess } from './playground-process.ts';

const patience = { timeout: 30_000 };

let folder: string;
let playground: PlaygroundProcess;
let profile: ChromiumProfile;
let page: Page;
let left: PlaygroundClient;
let right: PlaygroundClient;
let problems: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-playground-'));
  playground = await startPlayground(['--database', join(folder, 'server.db')], { PORT: '0' });
});

afterAll(async () => {
  await playground.end();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  profile = await createChromiumProfile();
  const context = await profile.open();
  problems = [];
  context.on('weberror', (error) => problems.push(error.error().message));
  context.on('request', (request) => {
    if (!request.url().startsWith(playground.url ?? '')) problems.push(`requested ${request.url()}`);
  });
  left = await openClient(context, `${playground.url}`, 'left');
  page = left.page;
  right = clientOf(page, 'right');
  await Promise.all([left.status({ connectivity: 'online' }), right.status({ connectivity: 'online' })]);
});

afterEach(async () => {
  await profile.remove();
  expect(problems).toEqual([]);
});

test('a field that is typed in keeps focus and caret while changes from the other side arrive', async () => {
  const mine = await left.addTask('Buy bread');
  const theirs = right.card(mine.id);
  await theirs.root.waitFor();
  const title = mine.root.getByTestId('task-title');
  await title.focus();
  await title.evaluate((field) => (field as HTMLTextAreaElement).setSelectionRange(4, 4));
  await theirs.root.getByTestId('tag-input').evaluate((field) => {
    (field as HTMLInputElement).value = 'errand';
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  });
  await expect.poll(async () => (await mine.text()).tags, patience).toEqual(['errand']);
  await page.keyboard.type('fresh ');
  expect(await title.evaluate((field) => field === document.activeElement)).toBe(true);
  await expect.poll(async () => (await theirs.text()).title, patience).toBe('Buy fresh bread');
});

test('a title that changes under the caret leaves the caret with its neighbours', async () => {
  const mine = await left.addTask('one two');
  const theirs = right.card(mine.id);
  await expect
    .poll(async () => (await theirs.root.count()) > 0 && (await theirs.text()).title, patience)
    .toBe('one two');
  const title = mine.root.getByTestId('task-title');
  await title.evaluate((field) => (field as HTMLTextAreaElement).setSelectionRange(4, 4));
  await theirs.root.getByTestId('task-title').evaluate((field) => {
    (field as HTMLTextAreaElement).value = 'zero one two';
    field.dispatchEvent(new Event('input'));
  });
  await expect.poll(async () => (await mine.text()).title, patience).toBe('zero one two');
  expect(await title.evaluate((field) => (field as HTMLTextAreaElement).selectionStart)).toBe(9);
});

test('a conflict under the manual strategy waits for a decision, by keyboard', async () => {
  const mine = await left.addTask('Draft');
  const theirs = right.card(mine.id);
  await theirs.root.waitFor();
  await expect.poll(async () => (await theirs.text()).title, patience).toBe('Draft');

  await right.panel.getByTestId('strategy').selectOption('manual');
  await theirs.root.waitFor();
  await right.unplug();
  await theirs.fill('task-title', 'Theirs');
  await mine.fill('task-title', 'Mine');
  await left.status({ pending: '0' });
  await right.plugIn();

  const open = right.panel.locator('[data-testid^=conflict-][data-status=open]');
  await open.waitFor();
  expect(await open.locator('[data-path="/title"] td').allInnerTexts()).toEqual([
    'Draft',
    'Theirs',
    'Mine',
    'to be decided',
  ]);
  await theirs.root.and(page.locator('[data-status=conflicted]')).waitFor();
  await open.getByTestId('keep-remote').focus();
  await page.keyboard.press('Enter');

  await right.panel.locator('[data-testid^=conflict-][data-status=resolved]').waitFor();
  await right.status({ conflicts: '0', pending: '0' });
  expect((await theirs.text()).title).toBe('Mine');
  expect((await mine.text()).title).toBe('Mine');
});

test('G18 a second window of a client is a tab of it: same tasks, same plug, and it leads when the first is closed', async () => {
  await left.status({ connectivity: 'online', role: 'leader' });
  const window = await page.context().newPage();
  await window.goto(`${playground.url}?only=left`);
  const second = clientOf(window, 'left');
  await second.status({ connectivity: 'online', role: 'follower' });
  const card = await second.addTask('From the second window');
  for (const client of [left, right])
    await expect.poll(async () => (await client.card(card.id).text()).title, patience).toBe('From the second window');

  await second.unplug();
  await left.panel.and(page.locator('[data-plugged="false"]')).waitFor();
  await second.status({ connectivity: 'offline' });
  await page.close();
  await second.status({ role: 'leader' });
  await second.plugIn();
  await second.status({ connectivity: 'online', pending: '0' });
});
