import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClockOffset } from '../../src/adapters/http/clock-offset.ts';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createRequestContext } from '../support/request-context.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { runProperty } from '../core/run-property.ts';

const startMs = Date.UTC(2026, 0, 1);
const dateAt = (ms: number): string => new Date(ms).toUTCString();

test('S18 before any answer nothing is known', () => {
  const offset = createClockOffset();
  expect(offset.estimateMs()).toBeNull();
  offset.note(startMs, startMs + 10, null);
  offset.note(startMs, startMs + 10, 'nonsense');
  offset.note(startMs + 10, startMs, dateAt(startMs));
  expect(offset.estimateMs()).toBeNull();
});

test('S18 the estimate lies within half a second and half a round trip of the truth, and answers only make it better', () => {
  const exchange = fc.record({ afterMs: fc.nat(60_000), thereMs: fc.nat(3_000), backMs: fc.nat(3_000) });
  runProperty(
    fc.property(
      fc.integer({ min: -200_000_000, max: 200_000_000 }),
      fc.array(exchange, { minLength: 1, maxLength: 20 }),
      (truthMs, exchanges) => {
        const offset = createClockOffset();
        let nowMs = startMs;
        let boundMs = Infinity;
        for (const { afterMs, thereMs, backMs } of exchanges) {
          const sentAtMs = nowMs + afterMs;
          nowMs = sentAtMs + thereMs + backMs;
          offset.note(sentAtMs, nowMs, dateAt(sentAtMs + thereMs + truthMs));
          boundMs = Math.min(boundMs, (1_000 + thereMs + backMs) / 2);
          expect(Math.abs((offset.estimateMs() ?? Infinity) - truthMs)).toBeLessThanOrEqual(boundMs);
        }
      },
    ),
  );
});

test('S18 when a clock was set, what was known before counts no more', () => {
  const offset = createClockOffset();
  offset.note(startMs, startMs + 20, dateAt(startMs));
  expect(Math.abs(offset.estimateMs() ?? Infinity)).toBeLessThanOrEqual(500);
  offset.note(startMs - 7_200_000, startMs - 7_200_000 + 20, dateAt(startMs + 5_000));
  expect(Math.abs((offset.estimateMs() ?? 0) - 7_205_000)).toBeLessThanOrEqual(1_000);
});

test('S18 the client learns the offset from answers of the backend, not from caches or strangers', async () => {
  const clock = createVirtualClock(startMs);
  const record = JSON.stringify({ entity: { id: '1' }, version: 1 });
  const json = { 'Content-Type': 'application/json' };
  const answers = [
    { ...json, Date: dateAt(startMs + 999_000) },
    { ...json, Date: dateAt(startMs + 999_000), 'Sync-Protocol': '1', Age: '60' },
    { ...json, Date: dateAt(startMs + 60_000), 'Sync-Protocol': '1' },
  ];
  const client = createHttpApiClient({
    url: 'https://api.example',
    clock,
    fetch: async () => new Response(record, { headers: answers.shift() ?? {} }),
  });
  expect(client.clockOffsetMs()).toBeNull();
  await expect(client.get('notes', '1', createRequestContext())).rejects.toMatchObject({ code: 'bad-response' });
  await client.get('notes', '1', createRequestContext());
  expect(client.clockOffsetMs()).toBeNull();
  await client.get('notes', '1', createRequestContext());
  expect(client.clockOffsetMs()).toBe(60_500);
});
