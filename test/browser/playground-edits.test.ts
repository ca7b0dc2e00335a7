import { expect, test } from 'vitest';
import { usePlayground } from './playground-stage.ts';

const patience = { timeout: 30_000 };
const stage = usePlayground();

test('a number with decimals is typed digit by digit', async () => {
  const mine = await stage.left.addTask('Paint the fence');
  await mine.root.getByTestId('task-estimate').focus();
  await stage.page.keyboard.type('1.05');
  expect((await mine.text()).estimate).toBe('1.05');
  const theirs = stage.right.card(mine.id);
  await theirs.root.waitFor();
  await expect.poll(async () => (await theirs.text()).estimate, patience).toBe('1.05');
});

test('an edit that is refused says why until it is put away, and leaves in the field what is stored', async () => {
  const mine = await stage.left.addTask('Keep the minutes');
  await mine.addNote('Short');
  const notice = stage.left.panel.getByTestId('notice');
  expect(await notice.isVisible()).toBe(false);
  await mine.root.getByTestId('note-text').fill('x'.repeat(1_100_000));
  await notice.waitFor();
  expect(await notice.innerText()).toMatch(/larger than 1048576 bytes/);
  expect((await mine.text()).notes).toEqual(['Short']);
  await notice.getByRole('button').click();
  expect(await notice.isVisible()).toBe(false);
});

test('deleting by keyboard goes on to the next task, and from the last one to its column', async () => {
  const lane = stage.left.panel.getByTestId('column-done');
  const mine = await stage.left.addTask('First');
  for (const column of ['Doing', 'Done']) await mine.root.getByLabel(`Move to ${column}`).press('Enter');
  const [first, second] = [lane.locator('article').first(), lane.locator('article').last()];
  await first.getByTestId('task-delete').press('Enter');
  await lane.locator('article:focus').waitFor();
  await second.getByTestId('task-delete').press('Enter');
  await stage.page.locator('[data-testid=column-done]:focus').waitFor();
});

test('a task in conflict leads to its decision, where rows that every side has are counted', async () => {
  const mine = await stage.left.addTask('Invite');
  await mine.addNote('Cake');
  const theirs = stage.right.card(mine.id);
  await expect
    .poll(async () => (await theirs.root.count()) > 0 && (await theirs.text()).notes, patience)
    .toEqual(['Cake']);
  await stage.right.panel.getByTestId('strategy').selectOption('manual');
  await stage.right.status({ connectivity: 'online' });
  await stage.right.unplug();
  await theirs.fill('task-title', 'Invite Ada');
  await theirs.addNote('Tea');
  await mine.fill('task-title', 'Invite Bob');
  await stage.left.status({ pending: '0' });
  await stage.right.plugIn();

  await theirs.root.getByTestId('go-to-conflict').waitFor();
  await theirs.root.getByTestId('go-to-conflict').press('Enter');
  await stage.page.locator('[data-testid=keep-local]:focus').waitFor();
  const open = stage.right.panel.locator('[data-testid^=conflict-][data-status=open]');
  expect(await open.locator('[data-path="/notes"] td').allInnerTexts()).toEqual([
    '1 unchanged',
    '1 unchanged, “Tea”',
    '1 unchanged',
    'to be decided',
  ]);
  await stage.page.keyboard.press('Enter');
  await expect.poll(async () => (await mine.text()).title, patience).toBe('Invite Ada');
  await theirs.root.getByTestId('go-to-conflict').waitFor({ state: 'hidden' });
});
