import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clampStamp, parseStamp, readStamp, writeStamp } from '../../src/core/stamp.ts';
import { runProperty } from './run-property.ts';

const noon = Date.UTC(2024, 1, 29, 12);

test.each<[text: string, ms: number, counter: number]>([
  ['2024-02-29T12:00:00.0000000Z', noon, 0],
  ['2024-02-29T12:00:00.1234567Z', noon + 123, 4567],
  ['2024-02-29T12:00:00.123Z', noon + 123, 0],
  ['2024-02-29T12:00:00.5Z', noon + 500, 0],
  ['2024-02-29T12:00:00.123456Z', noon + 123, 4560],
  ['2024-02-29T12:00:00.123456789Z', noon + 123, 4567],
  ['2024-02-29T12:00:00,123Z', noon + 123, 0],
  ['2024-02-29T12:00:00Z', noon, 0],
  ['2024-02-29T12:00Z', noon, 0],
  ['2024-02-29T12:00:00z', noon, 0],
  ['2024-02-29 12:00:00Z', noon, 0],
  ['2024-02-29T12:00:00', noon, 0],
  ['2024-02-29', noon - 12 * 3_600_000, 0],
  ['2024-02-29T14:00:00+02:00', noon, 0],
  ['2024-02-29T14:00:00+0200', noon, 0],
  ['2024-02-29T14:00:00+02', noon, 0],
  ['2024-02-29T06:30:00.250-05:30', noon + 250, 0],
  ['1970-01-01T00:00:00Z', 0, 0],
  ['1969-12-31T23:59:59.999Z', -1, 0],
])('%s is read', (text, ms, counter) => {
  expect(readStamp(text)).toEqual({ ms, counter });
  expect(parseStamp(text)).toBe(ms);
});

test.each([
  '',
  'yesterday',
  '1709208000000',
  '2024-13-01T00:00:00Z',
  '2024-02-29T25:00:00Z',
  '2024-02-29T12:00:60Z',
  '2024-02-29T12:00:00.Z',
  '2024-02-29T12:00:00+99:99',
  '0000-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-01:00',
  'Thu, 29 Feb 2024 12:00:00 GMT',
  ' 2024-02-29T12:00:00Z',
  '2024-02-29T12:00:00Z\n',
  `2024-02-29T12:00:00.${'1'.repeat(100)}Z`,
])('%j is no time', (text) => {
  expect(readStamp(text)).toBe(null);
  expect(parseStamp(text)).toBe(null);
});

test('a stamp is written in a fixed width, is a date to Date, and is read as it was', () => {
  const stamp = fc.record({ ms: fc.integer({ min: 0, max: Date.UTC(9998, 0) }), counter: fc.nat(9_999) });
  runProperty(
    fc.property(stamp, stamp, (a, b) => {
      const [textA, textB] = [writeStamp(a), writeStamp(b)];
      expect(textA).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
      expect(readStamp(textA)).toEqual(a);
      expect(new Date(textA).getTime()).toBe(a.ms);
      expect(Math.sign(a.ms - b.ms || a.counter - b.counter)).toBe(textA < textB ? -1 : textA === textB ? 0 : 1);
    }),
  );
});

test('S18 a time counts up to 5 minutes ahead of the server', () => {
  expect(clampStamp(noon, noon)).toBe(noon);
  expect(clampStamp(noon + 300_000, noon)).toBe(noon + 300_000);
  expect(clampStamp(noon + 300_001, noon)).toBe(noon + 300_000);
});
