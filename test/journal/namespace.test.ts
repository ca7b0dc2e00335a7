import { expect, test } from 'vitest';
import { currentFormat } from '../../src/journal/format.ts';
import { createJournalKeys } from '../../src/journal/keys.ts';
import { fold } from './counter-store.ts';
import { createLife, openLife, write } from './journal-life.ts';

const owners = [
  { name: 'test', user: 'ann' },
  { name: 'test', user: '' },
  { name: 'test', user: 'ann/journal' },
  { name: 'test/ann', user: '' },
  { name: 'test', user: '%2F' },
  { name: 'test', user: 'änn 👾' },
  { name: '', user: 'test' },
];

test('S35 each name and user has keys of its own', async () => {
  const items = new Map<string, unknown>([['foreign', 1]]);
  for (const [sequence, owner] of owners.entries()) {
    const life = await openLife(items, owner);
    life.append(write(sequence));
    await life.journal.close();
  }
  for (const [sequence, owner] of owners.entries()) {
    const life = await openLife(items, owner);
    expect(life.store.durable()).toEqual(fold([write(sequence)]));
  }
});

test('S35 wipe removes every key of its name and user, quarantine included, and no other', async () => {
  const items = new Map<string, unknown>([['foreign', 1]]);
  for (const user of ['ann', 'bob']) {
    const life = await openLife(items, { user });
    life.append(write(1));
    await life.clock.advance(0);
    const checkpoint = life.journal.checkpoint();
    await life.clock.advance(0);
    await checkpoint;
    life.append(write(2));
    await life.journal.close();
  }
  items.set('syncline/1/test/ann/journal/writer-x/0000000001', 's1 damaged');
  const life = await openLife(items, { user: 'ann' });
  life.append(write(3));
  await life.journal.wipe();
  expect([...items.keys()].filter((key) => !key.startsWith('syncline/1/test/bob/'))).toEqual(['foreign']);
  expect(items.size).toBe(4);
  expect(life.clock.pending()).toBe(0);
  expect((await openLife(items, { user: 'ann' })).store.durable()).toEqual(fold([]));
});

test('S35 wipe works without recovery, and removes what a newer release stored', async () => {
  const items = new Map<string, unknown>([['syncline/2/test/ann/new', 1]]);
  const life = createLife(items);
  await life.journal.wipe();
  expect(items.size).toBe(0);
});

test('S35 a wipe that fails rejects', async () => {
  const life = await openLife();
  life.append(write(1));
  await life.clock.advance(0);
  life.storage.plan(({ method }) => (method === 'removeItem' ? 'failed' : 'done'));
  await expect(life.journal.wipe()).rejects.toMatchObject({ code: 'storage-failed' });
});

test('a name or user of ill-formed Unicode is refused', () => {
  expect(() => createJournalKeys('\ud800', '', currentFormat)).toThrow(
    expect.objectContaining({ code: 'invalid-option' }),
  );
  expect(() => createJournalKeys('', '\ud800', currentFormat)).toThrow(
    expect.objectContaining({ code: 'invalid-option' }),
  );
});

test('keys are parsed as they were made', () => {
  const names = createJournalKeys('app', 'ann', currentFormat);
  const stamp = { format: 1, epoch: 12, serial: 345, writer: '0190a8b0-0000-7000-8000-000000000001' };
  expect(names.parse(names.segment(stamp.writer, 7))).toEqual({
    kind: 'segment',
    format: 1,
    writer: stamp.writer,
    number: 7,
  });
  expect(names.parse(names.page(stamp))).toEqual({ kind: 'page', stamp });
  expect(names.parse(names.manifest(stamp))).toEqual({ kind: 'manifest', stamp });
  expect(names.parse(names.quarantine(names.page(stamp)))).toEqual({ kind: 'other' });
  expect(names.parse('syncline/2/app/ann/x')).toEqual({ kind: 'newer' });
  expect(names.parse('syncline/1/app/bob/x')).toBe(null);
  expect(names.parse('something else')).toBe(null);
});
