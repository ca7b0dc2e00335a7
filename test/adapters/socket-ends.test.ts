import { inspect } from 'node:util';
import { BehaviorSubject, NEVER, Subject, throwError, type Observable } from 'rxjs';
import { afterAll, expect, test } from 'vitest';
import {
  createWebSocketTransport,
  type WebSocketTransportOptions,
} from '../../src/adapters/web-socket/web-socket-transport.ts';
import { UnauthorizedError, type SyncError } from '../../src/core/errors.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../src/ports/real-time.ts';
import { startHostileSocketServer } from '../support/hostile-socket-server.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { canary } from '../support/token-search.ts';

const server = await startHostileSocketServer();
afterAll(() => server.close());

const welcome = { type: 'welcome', sessionId: 's', epoch: 'e1', heartbeatMs: 25_000, maxBytes: 65_536 };
const nothing: readonly RealTimeChannel[] = [];

function createTransport(options: Partial<WebSocketTransportOptions> = {}) {
  const clock = createVirtualClock();
  return { clock, transport: createWebSocketTransport({ url: server.url, clock, ...options }) };
}

function follow(transport: RealTimeTransport, channels$: Observable<readonly RealTimeChannel[]>) {
  const heard: RealTimeMessage[] = [];
  let end = (): void => undefined;
  const failed = new Promise<SyncError>((resolve) => {
    const subscription = transport
      .connect({ clientId: 'me', channels$ })
      .subscribe({ next: (message) => heard.push(message), error: resolve });
    end = () => subscription.unsubscribe();
  });
  return { heard, failed, end: () => end() };
}

test.each([
  [1000, 'unavailable'],
  [1001, 'unavailable'],
  [1002, 'bad-response'],
  [1003, 'bad-response'],
  [1007, 'bad-response'],
  [1009, 'bad-response'],
  [1011, 'unavailable'],
  [1012, 'unavailable'],
  [1013, 'unavailable'],
  [4400, 'bad-response'],
  [4401, 'unauthorized'],
  [4403, 'forbidden'],
  [4408, 'unavailable'],
  [4409, 'rejected'],
  [4429, 'rate-limited'],
  [4999, 'unavailable'],
])('a connection closed with %i ends with %s, and leaves no timer', async (closeCode, code) => {
  const { clock, transport } = createTransport();
  const { failed } = follow(transport, new BehaviorSubject(nothing));
  const connection = await server.accept();
  await connection.receive();
  connection.send(welcome);
  connection.close(closeCode, 'because');
  expect(await failed).toMatchObject({ code, detail: { closeCode, reason: 'because' } });
  expect(clock.pending()).toBe(0);
});

test('a line that is cut is unavailable', async () => {
  const { failed } = follow(createTransport().transport, new BehaviorSubject(nothing));
  (await server.accept()).terminate();
  expect(await failed).toMatchObject({ code: 'unavailable', detail: { closeCode: 1006 } });
});

test('G16 the token in the reason of a close is not repeated', async () => {
  const { transport } = createTransport({ token: () => canary });
  const { failed } = follow(transport, new BehaviorSubject(nothing));
  const connection = await server.accept();
  await connection.receive();
  connection.close(4401, `${canary} has expired`);
  expect(inspect(await failed, { depth: 20, showHidden: true })).not.toContain(canary);
});

test('a token that was refused is asked for again with the next connection, any other is kept', async () => {
  let calls = 0;
  const { transport } = createTransport({ token: () => `${canary}-${(calls += 1)}` });
  const presented: unknown[] = [];
  for (const closeCode of [1012, 4401, 4429, 1012]) {
    const { failed } = follow(transport, new BehaviorSubject(nothing));
    const connection = await server.accept();
    presented.push(((await connection.receive()) as { token: string }).token);
    connection.close(closeCode);
    await failed;
  }
  expect(presented).toEqual([1, 1, 2, 2].map((call) => `${canary}-${call}`));
});

test('hello waits until the channels are known', async () => {
  const channels$ = new Subject<readonly RealTimeChannel[]>();
  const { end } = follow(createTransport().transport, channels$);
  const connection = await server.accept();
  channels$.next([{ channel: 'notes', cursor: null }]);
  expect(await connection.receive()).toMatchObject({ type: 'hello', channels: [{ channel: 'notes', cursor: null }] });
  end();
});

test('without a welcome it ends after 30 seconds', async () => {
  const { clock, transport } = createTransport();
  const { failed } = follow(transport, new BehaviorSubject(nothing));
  const connection = await server.accept();
  await connection.receive();
  await clock.advance(30_000);
  expect(await failed).toMatchObject({ code: 'unavailable', retryable: true });
  expect(await connection.closed).toBe(1006);
  expect(clock.pending()).toBe(0);
});

test('G14 a line that went dead ends within two heartbeats', async () => {
  const { clock, transport } = createTransport();
  const { failed, heard } = follow(transport, new BehaviorSubject(nothing));
  const connection = await server.accept();
  await connection.receive();
  connection.send(welcome);
  connection.send({ type: 'poke' });
  await expect.poll(() => heard.length, { interval: 1 }).toBe(2);
  await clock.advance(25_000);
  expect(await connection.receive()).toEqual({ type: 'ping' });
  await clock.advance(25_000);
  expect(await failed).toMatchObject({ code: 'unavailable' });
  expect(await connection.closed).toBe(1006);
});

test('G14 a line on which anything comes back lives on', async () => {
  const { clock, transport } = createTransport();
  const { end, heard } = follow(transport, new BehaviorSubject(nothing));
  const connection = await server.accept();
  await connection.receive();
  connection.send(welcome);
  await expect.poll(() => heard.length, { interval: 1 }).toBe(1);
  for (let beat = 1; beat <= 4; beat += 1) {
    await clock.advance(25_000);
    expect(await connection.receive()).toEqual({ type: 'ping' });
    connection.send({ type: 'poke' });
    await expect.poll(() => heard.length, { interval: 1 }).toBe(1 + beat);
  }
  end();
  expect(await connection.closed).toBe(1000);
});

test('nobody listens', async () => {
  const gone = await startHostileSocketServer();
  await gone.close();
  const { clock, transport } = createTransport({ url: gone.url });
  const { failed } = follow(transport, new BehaviorSubject(nothing));
  expect(await failed).toMatchObject({ code: 'unavailable' });
  expect(clock.pending()).toBe(0);
});

test('unsubscribing while it connects raises nothing', async () => {
  const { clock, transport } = createTransport();
  const { heard, end } = follow(transport, new BehaviorSubject(nothing));
  await Promise.resolve();
  await Promise.resolve();
  end();
  await new Promise(setImmediate);
  expect({ heard, pending: clock.pending() }).toEqual({ heard: [], pending: 0 });
});

test('unsubscribing while the token is awaited connects nothing', async () => {
  let settle = (_token: string): void => undefined;
  const { transport } = createTransport({
    token: () => new Promise((resolve) => (settle = resolve)),
    WebSocket: class {
      constructor() {
        expect.unreachable();
      }
    } as unknown as typeof WebSocket,
  });
  const { end, heard } = follow(transport, NEVER);
  end();
  settle('late');
  await new Promise(setImmediate);
  expect(heard).toEqual([]);
});

test('a token provider that says that the user must sign in', async () => {
  const { transport } = createTransport({
    token: () => {
      throw new UnauthorizedError();
    },
  });
  expect(await follow(transport, NEVER).failed).toMatchObject({ code: 'unauthorized' });
});

test('an error of the channels ends the connection', async () => {
  const reason = new Error('no channels');
  const { failed } = follow(
    createTransport().transport,
    throwError(() => reason),
  );
  expect(await failed).toBe(reason);
});

test('an injected WebSocket is used, and one that throws is unavailable', async () => {
  const made: unknown[][] = [];
  const { clock, transport } = createTransport({
    url: 'https://api.example/base',
    WebSocket: class {
      constructor(...args: unknown[]) {
        made.push(args);
        throw new DOMException('mixed content', 'SecurityError');
      }
    } as unknown as typeof WebSocket,
  });
  expect(await follow(transport, NEVER).failed).toMatchObject({
    code: 'unavailable',
    detail: { reason: 'mixed content' },
  });
  expect({ made, pending: clock.pending() }).toEqual({
    made: [['wss://api.example/base/v1/socket', 'sync.v1']],
    pending: 0,
  });
});

test('one transport makes a connection for each subscription', async () => {
  const { transport } = createTransport();
  const first = follow(transport, new BehaviorSubject(nothing));
  const a = await server.accept();
  const second = follow(transport, new BehaviorSubject(nothing));
  const b = await server.accept();
  first.end();
  expect(await a.closed).toBe(1000);
  await b.receive();
  b.send(welcome);
  await expect.poll(() => second.heard, { interval: 1 }).toEqual([{ type: 'open', epoch: 'e1' }]);
  second.end();
  expect(await b.closed).toBe(1000);
});
