import { expect, test } from 'vitest';
import type { StorageFate } from '../../src/testing/planned-storage.ts';
import { expectPrefix } from './expect-prefix.ts';
import type { History } from './expect-prefix.ts';
import { fold } from './counter-store.ts';
import { createLife, openLife, reached, recoveredFrom, write } from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';
import { nextFormat, scaled } from './made-up-formats.ts';
import { entriesWithCleanPage, readFixtureWithCleanPage } from './read-fixture.ts';
import { createScramblingCodec } from './scrambling-codec.ts';

const format = nextFormat;
const expected = entriesWithCleanPage.map((entry) => scaled(entry, 10));
const stored: readonly History[] = expected.map((entry) => ({ entry, fate: 'stored' }));
const formatsOf = (keys: Iterable<string>) => [...new Set([...keys].map((key) => key.split('/')[1] ?? ''))].toSorted();

/** Opens format 1, writes, stores pages. True when it came to its end. */
async function migrate(life: JournalLife, history: History[]): Promise<boolean> {
  if (
    !(await reached(
      life,
      life.journal.recover(() => life.store.sink),
    ))
  )
    return false;
  const entry = write(7, 2, 5);
  const appended = life.append(entry);
  history.push({
    entry,
    get fate() {
      return appended.fate === 'stored' ? 'stored' : 'open';
    },
  });
  await life.clock.advance(0);
  if (!(await reached(life, life.journal.checkpoint()))) return false;
  return reached(life, life.journal.close());
}

test.each([
  ['format-1', 'unanswered', undefined],
  ['format-1', 'silent', undefined],
  ['format-1-encrypted', 'unanswered', createScramblingCodec('fixture')],
  ['format-1-encrypted', 'silent', createScramblingCodec('fixture')],
] as const)(
  'G1 G21 a crash at any storage step of the migration of %s, the step itself %s, loses nothing and doubles nothing',
  async (fixture, lastStep, codec) => {
    const seen: Record<string, number> = { '1': 0, '1,2': 0, '2': 0 };
    for (let crashAt = 1; ; crashAt += 1) {
      const items = await readFixtureWithCleanPage(fixture);
      const original = structuredClone(items);
      const history = [...stored];
      const life = createLife(items, { format, codec });
      let step = 0;
      life.storage.plan((): StorageFate => {
        step += 1;
        return step < crashAt ? 'done' : step === crashAt ? lastStep : 'silent';
      });
      const isOver = await migrate(life, history);
      const place = formatsOf(items.keys()).join();
      const after = await recoveredFrom(items, { format, codec });
      const found = expectPrefix(after.store.durable(), history);
      await expectOldProgram(items, original, codec);

      const second = await openLife(items, { format, codec });
      await second.clock.advance(0);
      await second.journal.close();
      expect(formatsOf(items.keys())).toEqual(['2']);
      expect((await openLife(items, { format, codec })).store.durable()).toEqual(fold(found));
      if (isOver) break;
      seen[place] = (seen[place] ?? 0) + 1;
    }
    expect(Object.values(seen).every((crashes) => crashes > 0)).toBe(true);
  },
);

/** A program of format 1 opens what is still all of format 1, and refuses anything else without touching it. */
async function expectOldProgram(
  items: Map<string, unknown>,
  original: Map<string, unknown>,
  codec: ReturnType<typeof createScramblingCodec> | undefined,
): Promise<void> {
  const copy = structuredClone(items);
  const old = createLife(copy, { codec });
  if (formatsOf(items.keys()).join() === '1') {
    expect(items).toEqual(original);
    await old.journal.recover(() => old.store.sink);
    expect(old.store.durable()).toEqual(fold(entriesWithCleanPage));
  } else {
    await expect(old.journal.recover(() => old.store.sink)).rejects.toMatchObject({ code: 'storage-newer' });
    expect(copy).toEqual(items);
  }
  await old.journal.close();
}
