import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EncryptionCodec } from '../../src/ports/encryption.ts';
import { fold } from './counter-store.ts';
import { damage, damageRecord } from './damaged-record.ts';
import { openLife, write } from './journal-life.ts';
import { createScramblingCodec } from './scrambling-codec.ts';
import { runAsyncProperty } from '../core/run-property.ts';

/** Pages with counters 0 to 8, a manifest, and two segments of each of two writers. */
async function storedByTwo(codec?: EncryptionCodec): Promise<Map<string, unknown>> {
  const items = new Map<string, unknown>();
  const options = { checkpointBytes: Infinity, ...(codec === undefined ? {} : { codec }) };
  const first = await openLife(items, { ...options, writer: 'writer-a' });
  for (let sequence = 0; sequence < 9; sequence += 1) first.append(write(sequence));
  const checkpoint = first.journal.flush().then(() => first.journal.checkpoint());
  await first.clock.advance(0);
  await checkpoint;
  for (const sequence of [10, 11]) {
    first.append(write(sequence, 0, sequence));
    await first.clock.advance(0);
  }
  await first.journal.close();
  const second = await openLife(items, { ...options, writer: 'writer-b' });
  for (const sequence of [20, 21]) {
    second.append(write(sequence, 3, sequence));
    await second.clock.advance(0);
  }
  await second.journal.close();
  return items;
}

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 20, 21];
const everything = fold([
  ...all.slice(0, 9).map((sequence) => write(sequence)),
  write(10, 0, 10),
  write(11, 0, 11),
  write(20, 3, 20),
  write(21, 3, 21),
]);

test.each([
  ['as text', undefined],
  ['encrypted', createScramblingCodec('secret')],
] as const)('G20 a damaged record, stored %s, is set aside and the rest loads', async (_name, codec) => {
  const stored = await storedByTwo(codec);
  const keys = [...stored.keys()];
  expect(keys.map((key) => key.split('/')[4] as string).sort()).toEqual([
    ...Array<string>(4).fill('journal'),
    'manifest',
    ...Array<string>(3).fill('page'),
  ]);
  const property = fc.asyncProperty(fc.nat({ max: keys.length - 1 }), damage, async (keyIndex, how) => {
    const items = structuredClone(stored);
    const key = keys[keyIndex] as string;
    const damaged = damageRecord(items.get(key) as string | Uint8Array, how);
    items.set(key, damaged);

    const life = await openLife(items, codec === undefined ? {} : { codec });
    const asideKey = key.replace('/ann/', '/ann/quarantine/');
    expect(life.reports).toEqual([`quarantined ${asideKey}: record-damaged`]);
    expect(items.has(key)).toBe(key.includes('/journal/'));
    expect(items.get(asideKey)).toEqual(damaged);
    expectTheRest(key, life.store.durable());

    await life.clock.advance(60_000);
    expect(items.has(key)).toBe(false);
    await life.journal.close();
    const later = await openLife(items, codec === undefined ? {} : { codec });
    expect(later.reports).toEqual([]);
    expect(later.store.durable()).toEqual(life.store.durable());
  });
  await runAsyncProperty(property, 300);
});

function expectTheRest(key: string, state: ReturnType<typeof fold>): void {
  const [folder, writer, number] = key.split('/').slice(4);
  if (folder === 'manifest') {
    expect(state).toEqual({ pages: everything.pages, sequences: all.slice(9) });
  } else if (folder === 'page') {
    expect(state.sequences).toEqual(all);
    const intact = [0, 1, 2].filter((page) => equal(state.pages[page], everything.pages[page]));
    expect(intact).toHaveLength(2);
  } else {
    const lost = (writer === 'writer-a' ? 9 : 19) + (Number(number) - (writer === 'writer-a' ? 1 : 0));
    expect(state.sequences).toEqual(all.filter((sequence) => sequence !== lost));
  }
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
