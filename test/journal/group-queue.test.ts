import { expect, test } from 'vitest';
import { createGroupQueue } from '../../src/journal/group-queue.ts';

test('G10 who waits for what a failure put off is told in the order in which they began to wait', async () => {
  const queue = createGroupQueue<string>(() => false);
  const told: string[] = [];
  const note = (what: string) => () => void told.push(what);
  const wait = (entry: string): void => {
    queue.append([entry]).durable.then(note(entry), note(`no ${entry}`));
    queue.settled().then(note(`all up to ${entry}`), note(`never ${entry}`));
  };
  wait('first');
  queue.seal();
  wait('second');
  queue.rollBack();
  queue.settled().then(note('all, asked since'), note('never, asked since'));
  queue.seal()?.stored();
  await Promise.resolve();
  expect(told).toEqual(['first', 'all up to first', 'second', 'all up to second', 'all, asked since']);
});
