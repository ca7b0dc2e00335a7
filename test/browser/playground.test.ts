import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChromiumProfile, type ChromiumProfile } from './chromium-profile.ts';
import { openClient, type PlaygroundCard, type TaskText } from './playground-client.ts';
import { startPlayground, type PlaygroundProcess } from './playground-process.ts';

let folder: string;
let playground: PlaygroundProcess;
let left: ChromiumProfile;
let right: ChromiumProfile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-playground-'));
  playground = await startPlayground(['--database', join(folder, 'server.db')], { PORT: '0' });
  [left, right] = await Promise.all([createChromiumProfile(), createChromiumProfile()]);
});

afterAll(async () => {
  await Promise.all([left.remove(), right.remove()]);
  await playground.end();
  await rm(folder, { recursive: true, force: true });
});

async function comesToShow(card: PlaygroundCard, wanted: TaskText): Promise<void> {
  await card.root.waitFor();
  await expect.poll(() => card.text(), { timeout: 30_000 }).toEqual(wanted);
}

/** Collects the requests to the sync server that a page makes from now on. */
function watchRequests(page: Page): string[] {
  const urls: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith('/v1/')) urls.push(request.url());
  });
  return urls;
}

test('G1 two browsers edit, one unplugged, reloaded and killed with unsent operations, and everything merges', async () => {
  const ada = await openClient(await left.open(), `${playground.url}?only=left`, 'left');
  const bob = await openClient(await right.open(), `${playground.url}?only=right`, 'right');
  await Promise.all([ada.status({ connectivity: 'online' }), bob.status({ connectivity: 'online' })]);

  const adas = await ada.addTask('Plan the trip');
  await adas.addNote('Book the train');
  const planned = { title: 'Plan the trip', assignee: '', due: '', estimate: '', tags: [], notes: ['Book the train'] };
  await comesToShow(bob.card(adas.id), planned);

  await bob.unplug();
  const sentWhileUnplugged = watchRequests(bob.page);
  const bobs = bob.card(adas.id);
  await bobs.fill('task-assignee', 'Bob');
  await bobs.addTag('train');
  await bobs.addNote('Take the cat along');
  await bobs.saved();

  await bob.page.reload();
  const unsent = { ...planned, assignee: 'Bob', tags: ['train'], notes: ['Book the train', 'Take the cat along'] };
  await comesToShow(bobs, unsent);
  await bob.status({ connectivity: 'offline' });

  await adas.fill('task-due', '2027-05-01');
  await adas.fill('task-estimate', '3');
  await adas.addTag('holiday');
  await adas.fill('task-title', 'Plan the long trip');
  await adas.saved();
  await ada.status({ pending: '0' });

  await bobs.fill('task-title', 'Plan the short trip');
  await bobs.saved();
  expect(sentWhileUnplugged).toEqual([]);
  await right.kill();

  const again = await openClient(await right.open(), `${playground.url}?only=right`, 'right');
  const restored = again.card(adas.id);
  await comesToShow(restored, { ...unsent, title: 'Plan the short trip' });

  await again.plugIn();
  const merged = {
    title: 'Plan the short trip',
    assignee: 'Bob',
    due: '2027-05-01',
    estimate: '3',
    tags: ['holiday', 'train'],
    notes: ['Book the train', 'Take the cat along'],
  };
  await comesToShow(restored, merged);
  await comesToShow(adas, merged);
  await again.status({ connectivity: 'online', pending: '0', conflicts: '0', parked: '0' });
  await ada.status({ connectivity: 'online', pending: '0', conflicts: '0', parked: '0' });

  const title = again.panel.locator('[data-testid^=conflict-][data-status=resolved] [data-path="/title"] td');
  await title.first().waitFor();
  expect(await title.allInnerTexts()).toEqual([
    'Plan the trip',
    'Plan the short trip',
    'Plan the long trip',
    'Plan the short trip',
  ]);
}, 240_000);
