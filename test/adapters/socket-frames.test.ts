import { BehaviorSubject, type Observable } from 'rxjs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createWebSocketTransport } from '../../src/adapters/web-socket/web-socket-transport.ts';
import type { SyncError } from '../../src/core/errors.ts';
import type { RealTimeChannel, RealTimeMessage } from '../../src/ports/real-time.ts';
import { startHostileSocketServer, type HostileConnection } from '../support/hostile-socket-server.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { canary } from '../support/token-search.ts';

const server = await startHostileSocketServer();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
afterAll(() => server.close());

const stamp = '2026-01-01T00:00:00.000Z';
const welcome = { type: 'welcome', sessionId: 's', epoch: 'e1', heartbeatMs: 25_000, maxBytes: 65_536 };
const notes: RealTimeChannel = { channel: 'notes', cursor: 'c0' };
const changeFrame = (seq: number, more: object = {}): object => ({
  type: 'change',
  seq,
  prev: seq - 1,
  collection: 'notes',
  id: `${seq}`,
  version: seq,
  baseVersion: null,
  entity: { id: `${seq}`, updatedAt: stamp, version: seq },
  deleted: false,
  idempotencyKey: `k${seq}`,
  clientId: 'other',
  updatedAt: stamp,
  cursor: `c${seq}`,
  ...more,
});
const changeMessage = (seq: number): RealTimeMessage => ({
  type: 'change',
  change: {
    collection: 'notes',
    id: `${seq}`,
    record: {
      entity: { id: `${seq}`, updatedAt: stamp, version: seq },
      version: seq,
      deleted: false,
      updatedAt: stamp,
    },
    idempotencyKey: `k${seq}`,
    clientId: 'other',
    cursor: `c${seq}`,
  },
});

interface Session {
  readonly heard: RealTimeMessage[];
  readonly failed: Promise<SyncError>;
  readonly channels$: BehaviorSubject<readonly RealTimeChannel[]>;
  readonly connection: HostileConnection;
  /** Resolves when everything sent until now was heard: the sentinel is a `resync`. */
  caughtUp(): Promise<void>;
  end(): void;
}

interface ConnectOptions {
  readonly token?: () => string;
  readonly welcomed?: boolean;
  readonly channels?: readonly RealTimeChannel[];
}

async function connect(options: ConnectOptions = {}): Promise<Session> {
  const heard: RealTimeMessage[] = [];
  const channels$ = new BehaviorSubject<readonly RealTimeChannel[]>(options.channels ?? [notes]);
  const transport = createWebSocketTransport({
    url: server.url,
    clock: createVirtualClock(),
    ...(options.token === undefined ? {} : { token: options.token }),
  });
  const messages$: Observable<RealTimeMessage> = transport.connect({ clientId: 'me', epoch: 'e0', channels$ });
  let sentinel = (): void => undefined;
  let fail = (_error: SyncError): void => undefined;
  const failed = new Promise<SyncError>((resolve) => {
    fail = resolve;
  });
  const subscription = messages$.subscribe({
    next: (message) => {
      if (message.type === 'resync') return sentinel();
      heard.push(message);
    },
    error: fail,
  });
  ends.push(() => subscription.unsubscribe());
  const connection = await server.accept();
  if (options.welcomed !== false) {
    await connection.receive();
    connection.send(welcome);
  }
  return {
    heard,
    failed,
    channels$,
    connection,
    caughtUp: () =>
      new Promise((resolve) => {
        sentinel = resolve;
        connection.send({ type: 'resync' });
      }),
    end: () => subscription.unsubscribe(),
  };
}

const afterOpen = async (frames: readonly (object | string)[]): Promise<readonly RealTimeMessage[]> => {
  const session = await connect();
  for (const frame of frames) session.connection.send(frame);
  await session.caughtUp();
  expect(session.heard[0]).toEqual({ type: 'open', epoch: 'e1' });
  return session.heard.slice(1);
};

const poke: RealTimeMessage = { type: 'poke' };
test('G16 hello comes first, with the token, which is in no address', async () => {
  const { connection } = await connect({ token: () => canary, welcomed: false });
  expect(await connection.receive()).toEqual({
    type: 'hello',
    token: canary,
    clientId: 'me',
    epoch: 'e0',
    channels: [notes],
  });
  expect(connection.upgrade).toContain('/v1/socket');
  expect(connection.upgrade).toContain('sync.v1');
  expect(connection.upgrade).not.toContain(canary);
});

test('changes come in their order after open', async () => {
  expect(await afterOpen([changeFrame(1), changeFrame(2), changeFrame(3)])).toEqual([1, 2, 3].map(changeMessage));
});

test('a patch is told with the version it applies to, without an entity', async () => {
  const patch = [{ op: 'replace', path: '/title', value: 'x' }];
  const [message] = await afterOpen([changeFrame(1, { entity: undefined, patch, baseVersion: 4, version: 5 })]);
  expect(message).toEqual({
    type: 'change',
    change: {
      collection: 'notes',
      id: '1',
      record: { entity: null, version: 5, deleted: false, updatedAt: stamp },
      baseVersion: 4,
      patch,
      idempotencyKey: 'k1',
      clientId: 'other',
      cursor: 'c1',
    },
  });
});

test('a deletion is told as one', async () => {
  const [message] = await afterOpen([changeFrame(1, { entity: null, deleted: true, version: 5 })]);
  expect(message).toMatchObject({ change: { id: '1', record: { entity: null, deleted: true, version: 5 } } });
});

test('G11 after a gap a poke comes before the change, each time, and places are told all the same', async () => {
  expect(await afterOpen([1, 4, 5, 7].map((seq) => changeFrame(seq, { prev: seq === 5 ? 4 : 0 })))).toEqual([
    changeMessage(1),
    poke,
    changeMessage(4),
    changeMessage(5),
    poke,
    changeMessage(7),
  ]);
});

test('G11 a first frame that follows something is a gap', async () => {
  expect(await afterOpen([changeFrame(3)])).toEqual([poke, changeMessage(3)]);
});

test.each([
  ['seq', { seq: undefined }],
  ['seq', { seq: '1' }],
  ['seq', { seq: -1 }],
  ['prev', { prev: undefined }],
  ['prev', { prev: 'x' }],
])('G11 a change with an unreadable %s is a gap', async (_what, more) => {
  expect(await afterOpen([changeFrame(1, more)])).toEqual([poke, changeMessage(1)]);
});

test('G10 doubled and older frames are ignored', async () => {
  expect(await afterOpen([changeFrame(1), changeFrame(2), changeFrame(2), changeFrame(1), changeFrame(3)])).toEqual(
    [1, 2, 3].map(changeMessage),
  );
});

test.each([
  ['broken JSON', '{"type":"change"'],
  ['text', 'hello'],
  ['null', 'null'],
  ['a list', '[]'],
  ['no type', '{}'],
  ['a change of nothing', JSON.stringify({ type: 'change', seq: 1, prev: 0 })],
  ['a change of another entity', JSON.stringify(changeFrame(1, { entity: { id: '2' } }))],
  ['a change without version', JSON.stringify(changeFrame(1, { version: null }))],
  ['a change without content', JSON.stringify(changeFrame(1, { entity: null }))],
  ['a patch on nothing', JSON.stringify(changeFrame(1, { entity: null, patch: [] }))],
  ['a patch that is none', JSON.stringify(changeFrame(1, { entity: null, patch: [1], baseVersion: 1 }))],
])('G11 %s may have been a change: poke', async (_what, frame) => {
  expect(await afterOpen([frame])).toEqual([poke]);
});

test.each([
  [403, 'forbidden'],
  [413, 'too-large'],
  [400, 'rejected'],
  [undefined, 'rejected'],
])('a channel that is refused with %s is told as %s, the connection goes on', async (status, code) => {
  const problem = { type: 'urn:syncline:problem:x', title: 'No.', status };
  expect(await afterOpen([{ type: 'error', channel: 'notes', problem }, changeFrame(1)])).toEqual([
    { type: 'refused', channel: 'notes', error: expect.objectContaining({ code }) },
    changeMessage(1),
  ]);
});

test('frames of unknown types, errors and a second welcome are ignored', async () => {
  const frames = [{ type: 'weather', is: 'fine' }, { type: 'error', problem: {} }, { type: 'pong' }, welcome];
  expect(await afterOpen(frames)).toEqual([]);
});

test('G11 poke and resync are passed on in their place', async () => {
  expect(await afterOpen([changeFrame(1), { type: 'poke' }, changeFrame(2)])).toEqual([
    changeMessage(1),
    poke,
    changeMessage(2),
  ]);
});

test('a ping of the server is answered', async () => {
  const { connection } = await connect();
  connection.send({ type: 'ping' });
  expect(await connection.receive()).toEqual({ type: 'pong' });
});

test.each([
  ['binary', new Uint8Array([1, 2, 3])],
  ['huge', JSON.stringify({ type: 'poke', filler: 'x'.repeat(2 * 1024 * 1024) })],
])('a %s frame ends the connection', async (_what, frame) => {
  const { connection, failed } = await connect();
  connection.send(frame);
  expect(await failed).toMatchObject({ code: 'bad-response' });
  expect(await connection.closed).toBe(4400);
});

test('a connection that begins with anything but a welcome is none of this protocol', async () => {
  const { connection, failed } = await connect({ welcomed: false });
  connection.send(changeFrame(1));
  expect(await failed).toMatchObject({ code: 'bad-response' });
});

test('S41 channels that are added or dropped are told, a cursor that moves is not', async () => {
  const { connection, channels$ } = await connect();
  channels$.next([{ ...notes, cursor: 'c9' }]);
  channels$.next([notes, { channel: 'tasks', cursor: null }]);
  expect(await connection.receive()).toEqual({ type: 'subscribe', channels: [{ channel: 'tasks', cursor: null }] });
  channels$.next([{ channel: 'tasks/1', cursor: null }, notes]);
  expect(await connection.receive()).toEqual({ type: 'unsubscribe', channels: [{ channel: 'tasks', cursor: null }] });
  expect(await connection.receive()).toEqual({ type: 'subscribe', channels: [{ channel: 'tasks/1', cursor: null }] });
});

test('channels that change before the welcome are told after it', async () => {
  const { connection, channels$ } = await connect({ welcomed: false });
  expect(await connection.receive()).toMatchObject({ type: 'hello', channels: [notes] });
  channels$.next([{ channel: 'tasks', cursor: null }]);
  connection.send(welcome);
  expect(await connection.receive()).toEqual({ type: 'unsubscribe', channels: [notes] });
  expect(await connection.receive()).toEqual({ type: 'subscribe', channels: [{ channel: 'tasks', cursor: null }] });
});

const many = Array.from({ length: 3_000 }, (_, index) => ({ channel: `notes/${index}-😀`, cursor: null }));

async function receiveChannels(connection: HostileConnection, types: readonly string[]): Promise<RealTimeChannel[]> {
  const told: RealTimeChannel[] = [];
  while (told.length < many.length) {
    const frame = (await connection.receive()) as { type: string; channels: RealTimeChannel[] };
    expect(types).toContain(frame.type);
    expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(welcome.maxBytes);
    told.push(...frame.channels);
    if (frame.type === 'hello') connection.send(welcome);
  }
  return told;
}

test('G15 thousands of channels travel in frames that the server takes', async () => {
  const { connection, channels$ } = await connect();
  channels$.next([notes, ...many]);
  expect(await receiveChannels(connection, ['subscribe'])).toEqual(many);
});

test('G15 what does not fit into hello follows it', async () => {
  const { connection } = await connect({ channels: many, welcomed: false });
  expect(await receiveChannels(connection, ['hello', 'subscribe'])).toEqual(many);
});

test('unsubscribing closes the connection, and nothing is heard afterwards', async () => {
  const { connection, end, heard } = await connect();
  connection.send(changeFrame(1));
  end();
  connection.send(changeFrame(2));
  expect(await connection.closed).toBe(1000);
  expect(heard.filter(({ type }) => type === 'change')).toEqual([]);
});
