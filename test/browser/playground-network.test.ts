import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { clientOf } from './playground-client.ts';
import { usePlayground } from './playground-stage.ts';

const patience = { timeout: 30_000 };
const stage = usePlayground();

/** What passes between a page and the server: requests that are answered, frames either way, sockets that open or close. */
function watchWire(page: Page): string[] {
  const passed: string[] = [];
  page.on('response', (answer) => passed.push(`answer ${new URL(answer.url()).pathname}`));
  page.on('websocket', (socket) => {
    const { host } = new URL(socket.url());
    socket.on('framesent', () => passed.push(`frame to ${host}`));
    socket.on('framereceived', () => passed.push(`frame from ${host}`));
    socket.on('close', () => passed.push(`closed ${host}`));
  });
  return passed;
}

test('the switch ends the open socket and the request under way, and nothing passes until it is plugged in', async () => {
  const page = await stage.page.context().newPage();
  const passed = watchWire(page);
  await page.goto(`${stage.url}?only=right&name=alone`);
  const alone = clientOf(page, 'right');
  await alone.status({ connectivity: 'online', 'real-time': 'live' });
  const { host } = new URL(stage.url);
  expect(passed).toContain(`frame from ${host}`);
  expect(passed).not.toContain(`closed ${host}`);

  const theirs = await stage.left.addTask('Seen at once');
  await expect.poll(async () => (await alone.card(theirs.id).root.count()) === 1, patience).toBe(true);
  await page.route('**/v1/**', () => {});
  const asked = page.waitForRequest('**/v1/**');
  const mine = await alone.addTask('Held up');
  const request = await asked;
  expect(request.failure()).toBe(null);
  await alone.unplug();
  await expect.poll(() => request.failure() !== null, patience).toBe(true);
  await expect.poll(() => passed.includes(`closed ${host}`), patience).toBe(true);

  passed.length = 0;
  await page.unroute('**/v1/**');
  await theirs.fill('task-title', 'Not seen');
  await stage.right.card(theirs.id).root.and(stage.page.getByLabel('Not seen')).waitFor();
  await alone.card(mine.id).fill('task-title', 'Kept here');
  await alone.card(mine.id).saved();
  expect((await alone.card(theirs.id).text()).title).toBe('Seen at once');
  expect(passed.filter((what) => what !== `closed 127.0.0.1:9`)).toEqual([]);
  expect(await stage.left.card(mine.id).root.count()).toBe(0);

  await alone.plugIn();
  await alone.status({ connectivity: 'online', pending: '0', 'real-time': 'live' });
  await expect.poll(async () => (await alone.card(theirs.id).text()).title, patience).toBe('Not seen');
  await stage.left.card(mine.id).root.and(stage.page.getByLabel('Kept here')).waitFor();
  expect(passed).toContain(`frame from ${host}`);
});
