import { expect, test } from 'vitest';
import type { JournalEntry } from '../../src/store/entry.ts';
import { orderLogs, type Segment } from '../../src/store/reigns.ts';

const imported = (writer: string, number: number): JournalEntry => ({ type: 'imported', writer, number });
const reign = (epoch: number, over: Readonly<Record<string, number>>): JournalEntry => ({ type: 'reign', epoch, over });
const segment = (writer: string, number: number, ...entries: JournalEntry[]): Segment => ({ writer, number, entries });

test('G18 what a leader appends after another one has taken over is void', () => {
  const segments = [
    segment('a', 1, reign(1, {})),
    segment('a', 2, imported('c', 1)),
    segment('b', 1, reign(2, { a: 1 })),
  ];
  expect(orderLogs(segments, null).log.map(({ writer, number }) => `${writer}${number}`)).toEqual(['a1', 'b1']);
});

test('G18 a reign that is stored after a later one has begun takes nothing away that the later one is built on', () => {
  const segments = [
    segment('a', 1, reign(1, { b: 1 }), imported('b', 1)),
    segment('a', 2, reign(3, { a: 1, b: 1 })),
    segment('b', 2, reign(2, { b: 1 })),
  ];
  const { log, reign: last } = orderLogs(segments, null);
  expect(log.map(({ writer, number }) => `${writer}${number}`)).toEqual(['a1', 'a1', 'a2']);
  expect([last?.epoch, last?.writer]).toEqual([3, 'a']);
});

test('G20 a log counts in its reign though the segment that it began with is damaged', () => {
  const segments = [
    segment('a', 1, reign(1, {})),
    segment('a', 2, reign(1, {}), imported('c', 1)),
    segment('b', 2, reign(2, { a: 1 }), imported('c', 1)),
    segment('b', 3, reign(2, { a: 1 }), imported('c', 2)),
  ];
  const { log, reign: last } = orderLogs(segments, null);
  expect(log.map(({ writer, number }) => `${writer}${number}`)).toEqual(['a1', 'b2', 'b2', 'b3', 'b3']);
  expect(last).toMatchObject({ epoch: 2, writer: 'b', over: { a: 1 } });
});
