import fc from 'fast-check';
import { expect, test } from 'vitest';
import { damage, damageRecord, type Damage } from '../journal/damaged-record.ts';
import { askedNumber } from '../support/asked-number.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import type { Tab } from '../support/tab-world.ts';
import { historyOptions, liveAsTwoTabs, marksOf, type Marked, type TwoTabHistory } from './two-tab-history.ts';

/** `swap`: another record of the same storage lies there. */
type Mishap = Damage | { readonly kind: 'swap'; readonly other: number } | { readonly kind: 'empty' };

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 2, arbitrary: damage },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap' as const), other: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
);

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'theirs'];
const seed = askedNumber('SYNCLINE_SEED', 20_261_122, Number.MIN_SAFE_INTEGER);

/** What only tells what a tab was shown. */
const hearsay: ReadonlySet<string> = new Set(['on', 'before', 'against']);

function afterMishap(items: ReadonlyMap<string, unknown>, key: string, how: Mishap): unknown {
  const record = items.get(key) as string;
  if (how.kind === 'empty') return null;
  if (how.kind !== 'swap') return damageRecord(record, how);
  const others = [...items.values()].filter((value) => value !== record);
  return others[how.other % others.length];
}

function contentOf(record: unknown): string {
  const json = String(record).slice('s1 01234567 '.length);
  return JSON.stringify(JSON.parse(json, (name, value: unknown) => (hearsay.has(name) ? null : value)));
}

/** The marks that are in no record but this one. */
function marksOnlyIn(items: ReadonlyMap<string, unknown>, key: string): readonly string[] {
  const marksIn = (text: string) => [...new Set([...text.matchAll(/mark\d+/g)].map(String))];
  const elsewhere = marksIn([...items].flatMap(([each, value]) => (each === key ? [] : contentOf(value))).join());
  return marksIn(contentOf(items.get(key))).filter((mark) => !elsewhere.includes(mark));
}

/** Where each mark is that is not lost: on the backend, or waiting for the app. */
function marksLeft({ world }: TwoTabHistory, { sync }: Tab): readonly string[] {
  const taken = ids.flatMap((id) => marksOf(world.backend.entity('tasks', id)));
  const waiting = JSON.stringify([sync.queue.list(), sync.conflicts.list()]);
  return [...taken, ...[...waiting.matchAll(/mark\d+/g)].map(String)];
}

const asideIn = (items: ReadonlyMap<string, unknown>) =>
  [...items.keys()].filter((key) => key.includes('/quarantine/'));

/** Two tabs on what is left, and how it goes on with them. */
async function expectTheRest(history: TwoTabHistory, key: string, how: Mishap): Promise<void> {
  const { world, durable, storage } = history;
  const { items } = storage;
  const record = String(items.get(key));
  const lost = marksOnlyIn(items, key);
  items.set(key, afterMishap(items, key, how));
  world.backend.always('write', null);
  const tabs = [await world.open(historyOptions), await world.open(historyOptions)] as const;
  await world.advance(60_000);

  expect(tabs.map(({ sync }) => sync.getSnapshot().role)).toEqual(['leader', 'follower']);
  const left = marksLeft(history, tabs[0]);
  expect([...durable].filter((mark) => !left.includes(mark) && !lost.includes(mark))).toEqual([]);
  const aside = key.replace(/\/(journal|page|manifest)\//, '/quarantine/$1/');
  expect(asideIn(items)).toEqual(key.includes('/claim/') ? [] : [aside]);
  // What told that a request was sent, or taken, is gone: it may be sent once more.
  if (!/"type":"(seal|settle)"|"request":\{/.test(record)) {
    const entities = ids.map((id) => world.backend.entity('tasks', id) as Marked | undefined);
    expect(entities.map((entity) => entity?.count ?? 0)).toEqual(entities.map((entity) => marksOf(entity).length));
  }
  for (const [index, { sync }] of tabs.entries()) {
    const write = sync.collection('tasks').put({ id: `after-${index}`, count: 0 });
    await world.advance(5_000);
    await write.synced;
  }
  expect(tabs.map(({ sync }) => sync.queue.size)).toEqual([0, 0]);
}

test.each([
  ['in segments', false, ['claim', 'journal']],
  ['in pages and segments', true, ['claim', 'journal', 'manifest', 'page']],
] as const)(
  'G20 G1 G5 whichever record of two tabs is damaged, stored %s, it is set aside and the rest loads',
  { timeout: 600_000 },
  async (_, asPages, kinds) => {
    sayHowToRunAgain({ SYNCLINE_SEED: seed });
    const { storage } = await liveAsTwoTabs(asPages);
    const keys = [...storage.items.keys()];
    expect([...new Set(keys.map((key) => String(key.split('/')[4])))].toSorted()).toEqual(kinds);
    const mishaps = fc.sample(mishap, { numRuns: keys.length, seed });
    for (const [index, key] of keys.entries()) {
      const how = mishaps[index] as Mishap;
      const history = await liveAsTwoTabs(asPages);
      await expectTheRest(history, key, how).catch((cause: unknown) => {
        throw new Error(`${key} after ${JSON.stringify(how)}`, { cause });
      });
      await history.world.closeAll();
    }
  },
);
