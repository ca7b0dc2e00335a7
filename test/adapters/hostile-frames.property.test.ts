import fc from 'fast-check';
import { BehaviorSubject } from 'rxjs';
import { expect, test } from 'vitest';
import { createWebSocketTransport } from '../../src/adapters/web-socket/web-socket-transport.ts';
import { applyPatch } from '../../src/core/apply-patch.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { RealTimeChannel, RealTimeMessage, WebSocketConstructor } from '../../src/ports/real-time.ts';
import { createVirtualClock, settle } from '../../src/testing/virtual-clock.ts';
import {
  expectBuiltInsUntouched,
  hostileInputs,
  hostileObject,
  hostileToken,
  hostileValue,
  textOf,
} from '../core/hostile.ts';
import { expectSeen, runAsyncProperty } from '../core/run-property.ts';

const stamp = '2026-01-01T00:00:00.000Z';

/** The one end of a line that the transport holds; the other end says what it likes. */
class Line {
  readonly OPEN = 1;
  readyState = 1;
  binaryType = '';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  send(): void {}
  close(): void {
    this.readyState = 3;
  }
}

async function listen() {
  const lines: Line[] = [];
  class WebSocket extends Line {
    constructor() {
      super();
      lines.push(this);
    }
  }
  const heard: RealTimeMessage[] = [];
  const failures: unknown[] = [];
  const transport = createWebSocketTransport({
    url: 'https://api.example',
    clock: createVirtualClock(),
    WebSocket: WebSocket as unknown as WebSocketConstructor,
  });
  const channels$ = new BehaviorSubject<readonly RealTimeChannel[]>([{ channel: 'notes', cursor: 'c0' }]);
  const subscription = transport.connect({ clientId: 'me', channels$ }).subscribe({
    next: (message) => heard.push(message),
    error: (error: unknown) => failures.push(error),
  });
  await settle();
  const [line] = lines;
  if (!line) throw new Error('No line was opened.');
  line.onopen?.();
  return { heard, failures, say: (data: unknown) => line.onmessage?.({ data }), end: () => subscription.unsubscribe() };
}

const rarely = { weight: 1, arbitrary: hostileValue };
const place = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('notes', '1', '') },
  { weight: 6, arbitrary: hostileToken },
  rarely,
);
const number = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 9 }) },
  { weight: 6, arbitrary: fc.constantFrom(-1, 0.5, 1e300, '1', null) },
  rarely,
);
const entity = fc.oneof(
  fc.record(
    { id: place, updatedAt: fc.constantFrom(stamp, '', 'yesterday'), title: hostileValue },
    { requiredKeys: [] },
  ),
  fc.constantFrom({ id: '1', updatedAt: stamp }),
  hostileValue,
);
const patch = fc.oneof(
  fc.array(
    fc.record({
      op: fc.constantFrom('add', 'replace', 'remove', 'move', '_get'),
      path: fc.oneof(fc.constantFrom('/title', '/__proto__/x', '/constructor/prototype/x', '/id', ''), fc.string()),
      from: fc.constantFrom('', '/title', '/__proto__'),
      value: hostileValue,
    }),
    { maxLength: 3 },
  ),
  hostileValue,
);
const change = fc.record(
  {
    type: fc.constant('change'),
    seq: number,
    prev: number,
    collection: place,
    id: place,
    version: number,
    baseVersion: number,
    entity,
    patch,
    deleted: fc.oneof(fc.boolean(), hostileValue),
    idempotencyKey: place,
    clientId: place,
    updatedAt: fc.oneof(fc.constant(stamp), place),
    cursor: place,
  },
  { requiredKeys: ['type'] },
);
const goodChange = change.map((frame) => ({
  ...frame,
  collection: 'notes',
  id: '1',
  version: 1,
  entity: { id: '1', updatedAt: stamp },
  deleted: false,
  baseVersion: null,
}));
const other = fc.record(
  {
    type: fc.oneof(fc.constantFrom('welcome', 'error', 'poke', 'resync', 'ping', 'hello', 'constructor'), hostileValue),
    sessionId: place,
    epoch: place,
    heartbeatMs: number,
    maxBytes: number,
    channel: place,
    problem: hostileValue,
  },
  { requiredKeys: [] },
);
const text = fc.oneof(
  { weight: 4, arbitrary: change.map(textOf) },
  { weight: 2, arbitrary: goodChange.map(textOf) },
  { weight: 2, arbitrary: other.map(textOf) },
  { weight: 1, arbitrary: hostileObject.map(textOf) },
  { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string()) },
  { weight: 1, arbitrary: fc.tuple(change, fc.nat()).map(([frame, at]) => cut(textOf(frame), at)) },
);
const frame = fc.oneof(
  { weight: 40, arbitrary: text },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.buffer) },
);

const cut = (whole: string, at: number): string => whole.slice(0, at % (whole.length + 1));

/** What the frame says in plain words, as far as a change has to agree with it. */
function saidBy(data: unknown): { readonly collection?: unknown; readonly id?: unknown; readonly version?: unknown } {
  return JSON.parse(String(data)) as object;
}

function expectSound(message: RealTimeMessage, data: unknown): void {
  if (message.type === 'refused') {
    expect(message).toEqual({ type: 'refused', channel: expect.any(String), error: expect.any(SyncError) });
    return;
  }
  if (message.type !== 'change') {
    expect(['open', 'poke', 'resync']).toContain(message.type);
    return;
  }
  const { collection, id, record, patch: told, baseVersion } = message.change;
  const { version } = record;
  const said = saidBy(data);
  expect({ collection, id, version }).toEqual({ collection: said.collection, id: said.id, version: said.version });
  expect([typeof collection, typeof id]).toEqual(['string', 'string']);
  expect(['string', 'number']).toContain(typeof version);
  if (record.entity) expect(record.entity).toMatchObject({ id, version, updatedAt: expect.any(String) });
  else expect(record.deleted === true || (told !== undefined && baseVersion !== undefined)).toBe(true);
  if (told) {
    try {
      applyPatch({ id, updatedAt: stamp, title: 'x' }, told);
    } catch (error) {
      expect(error).toBeInstanceOf(SyncError);
    }
  }
}

test('G22 G11 no frame does harm: it is a sound change, ignored, fetched for, or the end of the line', async () => {
  const counts: Record<string, number> = {};
  let said = 0;
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1);
  await runAsyncProperty(
    fc.asyncProperty(fc.boolean(), fc.array(frame, { minLength: 4, maxLength: 8 }), async (isWelcome, frames) => {
      const { heard, failures, say, end } = await listen();
      if (isWelcome) say(JSON.stringify({ type: 'welcome', sessionId: 's', epoch: 'e1' }));
      for (const data of frames) {
        if (failures.length > 0) break;
        said += 1;
        const before = heard.length;
        say(data);
        expectBuiltInsUntouched();
        for (const message of heard.slice(before)) {
          count(message.type);
          expectSound(message, data);
        }
        if (heard.length === before) count('quiet');
      }
      expect(failures.every((error) => error instanceof SyncError)).toBe(true);
      expect(failures.length).toBeLessThan(2);
      if (failures.length > 0) count('ended');
      const opened = heard.filter(({ type }) => type === 'open').length;
      expect(opened).toBeLessThan(2);
      if (heard.length > 0) expect(heard[0]?.type).toBe('open');
      end();
    }),
    Math.ceil(hostileInputs / 3),
  );
  expectSeen(said, hostileInputs);
  for (const what of ['change', 'poke', 'resync', 'refused', 'quiet', 'ended']) expectSeen(counts[what] ?? 0, 50, what);
});
