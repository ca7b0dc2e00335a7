import { expect, test } from 'vitest';
import { createLife, fact, reached, recoveredFrom, write } from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';
import { expectPrefix } from './expect-prefix.ts';
import type { History } from './expect-prefix.ts';
import type { CounterEntry } from './counter-store.ts';
import type { StorageFate } from '../../src/testing/planned-storage.ts';

const damagedKey = 'syncline/1/test/ann/journal/writer-000000/0000000001';

/** Runs until the crash; true when there was none. */
async function liveTwice(items: Map<string, unknown>, fateOf: (step: number) => StorageFate, history: History[]) {
  let step = 0;
  for (const firstSequence of [0, 100]) {
    const life = createLife(items);
    life.storage.plan(() => fateOf((step += 1)));
    if (
      !(await reached(
        life,
        life.journal.recover(() => life.store.sink),
      ))
    )
      return false;
    if (!(await liveOnce(life, firstSequence, history))) return false;
  }
  return true;
}

async function liveOnce(life: JournalLife, first: number, history: History[]): Promise<boolean> {
  const entries: readonly (readonly CounterEntry[])[] = [
    [write(first + 1, 0), fact(first + 2, 3)],
    [write(first + 3, 6)],
    [write(first + 4, 0), write(first + 5, 6, null)],
    [fact(first + 6, 9), write(first + 7, 3)],
  ];
  for (const [index, group] of entries.entries()) {
    const appended = life.append(...group);
    for (const entry of group) {
      history.push({
        entry,
        get fate() {
          return appended.fate === 'stored' ? 'stored' : 'open';
        },
      });
    }
    await life.clock.advance(0);
    if (index % 2 === 1 && !(await reached(life, life.journal.checkpoint()))) return false;
  }
  return reached(life, life.journal.close());
}

test.each(['unanswered', 'silent'] as const)(
  'G1 a crash at any storage step, the step itself %s, loses nothing that was durable',
  async (lastStep) => {
    let crashes = 0;
    for (let crashAt = 1; ; crashAt += 1) {
      const items = new Map<string, unknown>([[damagedKey, 's1 damaged']]);
      const history: History[] = [];
      const fateOf = (step: number) => (step < crashAt ? 'done' : step === crashAt ? lastStep : 'silent');
      const isOver = await liveTwice(items, fateOf, history);
      const later = await recoveredFrom(items);
      expectPrefix(later.store.durable(), history);
      expect([...items].filter(([, value]) => value === 's1 damaged')).not.toEqual([]);
      if (isOver) break;
      crashes += 1;
      await expectToLiveOn(items, history);
    }
    expect(crashes).toBeGreaterThan(40);
  },
);

async function expectToLiveOn(items: Map<string, unknown>, history: readonly History[]): Promise<void> {
  const life = createLife(items);
  await life.journal.recover(() => life.store.sink);
  const entry = write(1_000, 0);
  life.append(entry);
  await life.clock.advance(0);
  expect(await reached(life, life.journal.checkpoint())).toBe(true);
  await life.journal.close();
  const later = await recoveredFrom(items);
  const found = new Set(later.store.durable().sequences);
  const survivors = history.filter(({ entry: { sequence } }) => found.has(sequence));
  expectPrefix(later.store.durable(), [...survivors, { entry, fate: 'stored' }]);
}
