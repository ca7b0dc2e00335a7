import { expect, test } from 'vitest';
import { clientOf } from './playground-client.ts';
import { usePlayground } from './playground-stage.ts';

const patience = { timeout: 30_000 };
const stage = usePlayground();

test('a field that is typed in keeps focus and caret while changes from the other side arrive', async () => {
  const mine = await stage.left.addTask('Buy bread');
  const theirs = stage.right.card(mine.id);
  await theirs.root.waitFor();
  const title = mine.root.getByTestId('task-title');
  await title.focus();
  await title.evaluate((field) => (field as HTMLTextAreaElement).setSelectionRange(4, 4));
  await theirs.root.getByTestId('tag-input').evaluate((field) => {
    (field as HTMLInputElement).value = 'errand';
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  });
  await expect.poll(async () => (await mine.text()).tags, patience).toEqual(['errand']);
  await stage.page.keyboard.type('fresh ');
  expect(await title.evaluate((field) => field === document.activeElement)).toBe(true);
  await expect.poll(async () => (await theirs.text()).title, patience).toBe('Buy fresh bread');
});

test('a title that changes under the caret leaves the caret with its neighbours', async () => {
  const mine = await stage.left.addTask('one two');
  const theirs = stage.right.card(mine.id);
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
  const mine = await stage.left.addTask('Draft');
  const theirs = stage.right.card(mine.id);
  await theirs.root.waitFor();
  await expect.poll(async () => (await theirs.text()).title, patience).toBe('Draft');

  await stage.right.panel.getByTestId('strategy').selectOption('manual');
  await theirs.root.waitFor();
  await stage.right.unplug();
  await theirs.fill('task-title', 'Theirs');
  await mine.fill('task-title', 'Mine');
  await stage.left.status({ pending: '0' });
  await stage.right.plugIn();

  const open = stage.right.panel.locator('[data-testid^=conflict-][data-status=open]');
  await open.waitFor();
  expect(await open.locator('[data-path="/title"] td').allInnerTexts()).toEqual([
    'Draft',
    'Theirs',
    'Mine',
    'to be decided',
  ]);
  await theirs.root.and(stage.page.locator('[data-status=conflicted]')).waitFor();
  await open.getByTestId('keep-remote').focus();
  await stage.page.keyboard.press('Enter');

  await stage.right.panel.locator('[data-testid^=conflict-][data-status=resolved]').waitFor();
  await stage.right.status({ conflicts: '0', pending: '0' });
  expect((await theirs.text()).title).toBe('Mine');
  expect((await mine.text()).title).toBe('Mine');
});

test('G18 a second window of a client is a tab of it: same tasks, same plug, and it leads when the first is closed', async () => {
  await stage.left.status({ connectivity: 'online', role: 'leader' });
  const window = await stage.page.context().newPage();
  await window.goto(`${stage.url}?only=left`);
  const second = clientOf(window, 'left');
  await second.status({ connectivity: 'online', role: 'follower' });
  const card = await second.addTask('From the second window');
  for (const client of [stage.left, stage.right])
    await expect.poll(async () => (await client.card(card.id).text()).title, patience).toBe('From the second window');

  await second.unplug();
  await stage.left.panel.and(stage.page.locator('[data-plugged="false"]')).waitFor();
  await second.status({ connectivity: 'offline' });
  await stage.page.close();
  await second.status({ role: 'leader' });
  await second.plugIn();
  await second.status({ connectivity: 'online', pending: '0' });
});
