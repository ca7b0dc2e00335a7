import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/adapters/http/retry-after.ts';
import { runProperty } from '../core/run-property.ts';

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 0);
const hourMs = 3_600_000;

test.each([
  [null, undefined],
  ['', undefined],
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['3600', hourMs],
  ['3601', hourMs],
  ['31536000', hourMs],
  ['99999999999999999999999', hourMs],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['2026', 2_026_000],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2026 11:59:00 GMT', 0],
  ['Fri, 01 Jan 2027 12:00:00 GMT', hourMs],
  ['Fri, 31 Dec 9999 23:59:59 GMT', hourMs],
  ['Thu, 99 Jan 2026 12:00:30 GMT', undefined],
  ['2026-01-01T12:00:30Z', undefined],
])('G13 Retry-After %j asks for %j ms', (header, delayMs) => {
  expect(parseRetryAfter(header, nowMs)).toBe(delayMs);
});

test('G13 no header asks for less than nothing or more than an hour', () => {
  runProperty(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.integer().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      (header) => {
        const delayMs = parseRetryAfter(header, nowMs) ?? 0;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(hourMs);
      },
    ),
  );
});
