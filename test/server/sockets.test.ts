import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Principal, SyncServer, SyncServerOptions } from '../../src/server/index.ts';
import { createSignal } from './support/signal.ts';
import { joinSocket, openSocket, type TestSocket } from './support/socket.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const now = '2026-01-01T00:00:00.000Z';
const minute = 60_000;
const running: SyncServer[] = [];

async function listen(options: SyncServerOptions = {}): Promise<TestServer & { url: string; port: number }> {
  const started = await startTestServer(options);
  running.push(started.server);
  return { ...started, ...(await started.server.listen(0)) };
}
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

const channel = (name: string, cursor: string | null = null) => ({ channel: name, cursor });
const byToken = (token: string | null): Principal | null => (token === null || token === 'bad' ? null : { id: token });
const summary = (frames: readonly { [member: string]: unknown }[]) =>
  frames.map(({ type, seq, id, version }) =>
    type === 'change' ? `${String(seq)}: ${String(id)}@${String(version)}` : type,
  );

describe('a session', () => {
  test('begins with hello and welcome', async () => {
    const { url } = await listen();
    const client = await openSocket(url);
    client.send({ type: 'hello', clientId: 'c1', channels: [channel('notes')] });
    expect(await client.next()).toEqual({
      type: 'welcome',
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      epoch: 'life-1',
      heartbeatMs: 25_000,
      maxBytes: 65_536,
    });
    expect(client.socket.protocol).toBe('sync.v1');
    expect(await client.rest()).toEqual([]);
  });

  test('without hello within 5 s is closed with 4408', async () => {
    const { url, clock } = await listen();
    const client = await openSocket(url);
    await clock.advance(4999);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await clock.advance(1);
    expect(await client.closed).toBe(4408);
  });

  test('with hello in time is admitted however long the token and its channels take', async () => {
    const [tokenKnown, knowToken] = createSignal();
    const [channelsKnown, knowChannels] = createSignal();
    const [tokenAsked, askToken] = createSignal();
    const [channelsAsked, askChannels] = createSignal();
    let [asking, askingMost] = [0, 0];
    const { url, clock } = await listen({
      authenticate: async () => {
        askToken();
        await tokenKnown;
        return { id: 'ada' };
      },
      authorize: async () => {
        asking += 1;
        askingMost = Math.max(askingMost, asking);
        if (askingMost === 16) askChannels();
        await channelsKnown;
        asking -= 1;
        return true;
      },
    });
    const client = await openSocket(url);
    const channels = Array.from({ length: 20 }, (_, n) => channel(`notes/${n}`));
    client.send({ type: 'hello', clientId: 'c1', channels });
    await tokenAsked;
    await clock.advance(6000);
    knowToken();
    await channelsAsked;
    await clock.advance(6000);
    knowChannels();
    expect(await client.next()).toMatchObject({ type: 'welcome' });
    expect([await client.rest(), askingMost]).toEqual([[], 16]);
  });

  test('G15 that is refused does nothing of what was sent behind its hello', async () => {
    const { url, failures } = await listen({ authenticate: async () => null });
    const client = await openSocket(url);
    client.send({ type: 'hello', clientId: 'c1' });
    for (let n = 0; n < 50; n += 1) client.send({ type: 'subscribe', channels: [channel('notes')] });
    expect([await client.closed, failures]).toEqual([4401, []]);
  });

  test.each([
    ['no JSON', 'hello'],
    ['no object', '[1]'],
    ['no type', '{}'],
    ['another first frame', { type: 'ping' }],
    ['no client', { type: 'hello', channels: [] }],
    ['an empty client', { type: 'hello', clientId: '', channels: [] }],
    ['channels that are none', { type: 'hello', clientId: 'c', channels: [7] }],
    ['a cursor that is none', { type: 'hello', clientId: 'c', channels: [{ channel: 'notes', cursor: 7 }] }],
    ['a token that is none', { type: 'hello', clientId: 'c', token: {} }],
  ])('that begins with %s is closed with 4400', async (_, frame) => {
    const { url } = await listen();
    const client = await openSocket(url);
    client.send(frame);
    expect(await client.closed).toBe(4400);
  });

  test('with a second hello is closed with 4400', async () => {
    const { url } = await listen();
    const client = await joinSocket(url);
    client.send({ type: 'hello', clientId: 'c1' });
    expect(await client.closed).toBe(4400);
  });

  test('with a binary frame, broken UTF-8 or a frame above 64 KiB is closed with 1003, 1007, 1009', async () => {
    const { url } = await listen();
    const [binary, broken, large] = [await joinSocket(url), await joinSocket(url), await joinSocket(url)];
    binary.socket.send(Buffer.from('{}'), { binary: true });
    broken.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    large.send({ type: 'ping', padding: 'x'.repeat(64 * 1024) });
    const again = [
      joinSocket(url, { clientId: 'a' }),
      joinSocket(url, { clientId: 'b' }),
      joinSocket(url, { clientId: 'c' }),
    ];
    const codes = await Promise.all([binary, broken, large].map(({ closed }) => closed));
    expect(codes).toEqual([expect.any(Number), expect.any(Number), 1009]);
    await Promise.all(again);
  });

  test('answers frames of unknown type with an error and goes on', async () => {
    const { url } = await listen();
    const client = await joinSocket(url);
    client.send({ type: 'dance' });
    expect(await client.next()).toMatchObject({
      type: 'error',
      problem: { type: 'urn:syncline:problem:malformed-request' },
    });
    client.send({ type: 'pong' });
    expect(await client.rest()).toEqual([]);
  });

  test('is replaced by a new one of the same client: 4409', async () => {
    const { url } = await listen({ authenticate: byToken });
    const older = await joinSocket(url, { token: 'ada', clientId: 'c1' });
    const stranger = await joinSocket(url, { token: 'bob', clientId: 'c1' });
    const newer = await joinSocket(url, { token: 'ada', clientId: 'c1' });
    expect(await older.closed).toBe(4409);
    expect([await stranger.rest(), await newer.rest()]).toEqual([[], []]);
  });

  test('above the number that a principal may have is closed with 4429', async () => {
    const { url } = await listen({ limits: { socketsPerPrincipal: 1 } });
    const first = await joinSocket(url, { clientId: 'c1' });
    const second = await openSocket(url);
    second.send({ type: 'hello', clientId: 'c2' });
    expect(await second.closed).toBe(4429);
    first.socket.close();
    await first.closed;
    await joinSocket(url, { clientId: 'c3' });
  });

  test('with too many frames is closed with 4429', async () => {
    const { url } = await listen({ limits: { framesPerSecond: 3 } });
    const client = await joinSocket(url);
    for (let n = 0; n < 6; n += 1) client.send({ type: 'ping' });
    expect(await client.closed).toBe(4429);
  });

  test('ends with 1001 when the server closes', async () => {
    const { url, server } = await listen();
    const [joined, silent] = [await joinSocket(url), await openSocket(url)];
    await server.close();
    expect([await joined.closed, await silent.closed]).toEqual([1001, 1001]);
    await expect(openSocket(url)).rejects.toThrow();
  });
});

describe('the upgrade', () => {
  test.each([
    ['another path', { path: '/v1/other' }, 'status 404'],
    ['another subprotocol', { protocol: 'sync.v2' }, 'status 400'],
    ['another origin', { origin: 'https://evil.example' }, 'status 403'],
    ['no origin at all', { origin: 'null' }, 'status 403'],
  ])('with %s is refused', async (_, options, message) => {
    const { url } = await listen({ origins: ['https://app.example'] });
    await expect(openSocket(url, options)).rejects.toThrow(message);
  });

  test.each([
    ['GET http:// HTTP/1.1', 'x'],
    ['GET /v1/socket HTTP/1.1', 'a b'],
    ['GET /v1/socket HTTP/1.1', 'ada:secret@x'],
    ['GET http://ada:secret@x/v1/socket HTTP/1.1', 'x'],
    ['GET // HTTP/1.1', '%'],
  ])('of a raw "%s" for host "%s" is refused, and the server lives on', async (line, host) => {
    const { url, port } = await listen();
    const raw = connect(port, '127.0.0.1');
    const headers = [`host: ${host}`, 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-protocol: sync.v1'];
    raw.write(`${[line, ...headers].join('\r\n')}\r\n\r\n`);
    let text = '';
    for await (const chunk of raw) text += (chunk as Buffer).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    await joinSocket(url);
  });

  test('from an allowed origin, the own one, or no browser is taken', async () => {
    const { url } = await listen({ origins: ['https://app.example'] });
    await joinSocket(url, { clientId: 'a' }, { origin: 'https://app.example' });
    await joinSocket(url, { clientId: 'b' }, { origin: url });
    await joinSocket(url, { clientId: 'c' });
  });
});

describe('authentication', () => {
  test('a refused token closes with 4401', async () => {
    const { url } = await listen({ authenticate: byToken });
    for (const hello of [{ token: 'bad' }, {}, { token: null }]) {
      const client = await openSocket(url);
      client.send({ type: 'hello', clientId: 'c1', channels: [], ...hello });
      expect(await client.closed).toBe(4401);
    }
  });

  test('an outage closes with 1013', async () => {
    const { url, failures } = await listen({ authenticate: () => Promise.reject(new Error('down')) });
    const client = await openSocket(url);
    client.send({ type: 'hello', clientId: 'c1' });
    expect([await client.closed, failures]).toMatchObject([1013, [{ message: 'down' }]]);
  });

  test('sees the headers of the upgrade', async () => {
    const seen: unknown[] = [];
    const authenticate = (token: string | null, request: Request): Principal => {
      seen.push([token, request.headers.get('x-tenant'), new URL(request.url).pathname]);
      return { id: 'ada' };
    };
    const { url } = await listen({ authenticate });
    await joinSocket(url, { token: 't-1' }, { headers: { 'x-tenant': 'blue' } });
    expect(seen).toEqual([['t-1', 'blue', '/v1/socket']]);
  });

  test('a fresh token goes on; a refused one closes with 4401; another principal with 4403', async () => {
    const { url } = await listen({
      authenticate: (token) => (token?.startsWith('bad') ? null : { id: token?.[0] ?? '' }),
    });
    const join = () => joinSocket(url, { token: 'a1', clientId: `c${Math.random()}` });
    const [fresh, refused, other] = [await join(), await join(), await join()];
    fresh.send({ type: 'auth', token: 'a2' });
    refused.send({ type: 'auth', token: 'bad' });
    other.send({ type: 'auth', token: 'b1' });
    expect(await fresh.rest()).toEqual([]);
    expect([await refused.closed, await other.closed]).toEqual([4401, 4403]);
  });

  test('is looked at again every 30 minutes, with the newest token', async () => {
    const revoked = new Set<string | null>();
    const { url, clock } = await listen({
      authenticate: (token) => (revoked.has(token) ? null : { id: 'ada' }),
      limits: { heartbeatMs: 24 * 60 * minute },
    });
    const client = await joinSocket(url, { token: 't1' });
    client.send({ type: 'auth', token: 't2' });
    await client.rest();
    revoked.add('t1');
    await clock.advance(30 * minute);
    expect(await client.rest()).toEqual([]);
    revoked.add('t2');
    await clock.advance(30 * minute);
    expect(await client.closed).toBe(4401);
  });

  test('a token that comes while an older one is looked at again stays the newest', async () => {
    const [asked, ask] = createSignal();
    const [known, know] = createSignal();
    const seen: unknown[] = [];
    const { url, clock } = await listen({
      authenticate: async (token) => {
        if (token !== 'other') seen.push(token);
        if (seen.length === 2) ask();
        if (seen.length === 2 && token === 't1') await known;
        return { id: 'ada' };
      },
      limits: { heartbeatMs: 24 * 60 * minute },
    });
    const client = await joinSocket(url, { token: 't1', clientId: 'c1' });
    const other = await joinSocket(url, { token: 'other', clientId: 'c2' });
    await clock.advance(30 * minute);
    await asked;
    client.send({ type: 'auth', token: 't2' });
    await other.rest();
    know();
    await client.rest();
    await clock.advance(30 * minute);
    await client.rest();
    expect(seen).toEqual(['t1', 't1', 't2', 't2']);
  });

  test('other claims have the channels judged anew and the client resynchronised', async () => {
    let roles = ['notes', 'tasks'];
    const { url } = await listen({
      authenticate: () => ({ id: 'ada', roles }),
      authorize: (principal, _action, collection) => (principal['roles'] as string[]).includes(collection),
    });
    const client = await joinSocket(url, { channels: [channel('notes'), channel('tasks')] });
    roles = ['tasks'];
    client.send({ type: 'auth', token: 'new' });
    expect(await client.rest()).toEqual([
      { type: 'resync', epoch: 'life-1' },
      { type: 'error', channel: 'notes', problem: expect.objectContaining({ status: 403 }) },
    ]);
  });
});

describe('changes', () => {
  test('are told as they happen, numbered, with whose they are', async () => {
    const { url, api } = await listen();
    const client = await joinSocket(url, { clientId: 'tester', channels: [channel('notes')] });
    await api.create('/v1/notes/a', { n: 1 });
    await api.create('/v1/tasks/t', {});
    await api.remove('/v1/notes/a', 1);
    const origin = { type: 'change', collection: 'notes', id: 'a', clientId: 'tester', updatedAt: now };
    expect(await client.take(2)).toEqual([
      {
        ...origin,
        seq: 1,
        prev: 0,
        version: 1,
        baseVersion: null,
        deleted: false,
        entity: { id: 'a', n: 1, version: 1, updatedAt: now },
        idempotencyKey: 'auto-1',
        cursor: 'life-1.1',
      },
      {
        ...origin,
        seq: 2,
        prev: 1,
        version: 2,
        baseVersion: 1,
        deleted: true,
        entity: null,
        idempotencyKey: 'auto-3',
        cursor: 'life-1.3',
      },
    ]);
    expect(await client.rest()).toEqual([]);
  });

  test('that were missed come first, from the cursor in the hello on', async () => {
    const { url, api } = await listen();
    for (const id of ['a', 'b', 'c']) await api.create(`/v1/notes/${id}`, {});
    const client = await joinSocket(url, { channels: [channel('notes', 'life-1.1')] });
    const missed = await client.take(2);
    await api.create('/v1/notes/d', {});
    expect(summary([...missed, await client.next()])).toEqual(['1: b@1', '2: c@1', '3: d@1']);
  });

  test('that were missed come whole, however many', async () => {
    const { url, api } = await listen();
    const ids = Array.from({ length: 250 }, (_, n) => `e${n}`);
    await api.create('/v1/notes/first', {});
    const early = await joinSocket(url, { clientId: 'early', channels: [channel('tasks')] });
    for (let n = 0; n < 250; n += 50) {
      const requests = ids.slice(n, n + 50).map((id) => ({
        idempotencyKey: id,
        type: 'create',
        collection: id.endsWith('7') ? 'tasks' : 'notes',
        entityId: id,
        entity: { id },
        baseVersion: null,
      }));
      await api.batch(requests);
    }
    const late = await joinSocket(url, { channels: [channel('notes', 'life-1.1'), channel('tasks', 'life-1.1')] });
    const all = await late.take(250);
    expect(all.map(({ id }) => id)).toEqual(ids);
    expect((await early.take(25)).map(({ id }) => id)).toEqual(ids.filter((id) => id.endsWith('7')));
  });

  test('of one entity come on its own channel, once with that of its collection', async () => {
    const { url, api } = await listen();
    const one = await joinSocket(url, { clientId: 'one', channels: [channel('notes/a/b')] });
    const both = await joinSocket(url, { clientId: 'both', channels: [channel('notes'), channel('notes/a/b')] });
    await api.create('/v1/notes/x', {});
    await api.create('/v1/notes/a%2Fb', {});
    expect(summary(await one.take(1))).toEqual(['1: a/b@1']);
    expect(summary(await both.take(2))).toEqual(['1: x@1', '2: a/b@1']);
    expect([await one.rest(), await both.rest()]).toEqual([[], []]);
  });

  test('come as a patch when it is smaller and the receiver holds the base', async () => {
    const { url, api } = await listen();
    const text = 'x'.repeat(200);
    await api.create('/v1/notes/a', { text, n: 1 });
    const holder = await joinSocket(url, { clientId: 'holder', channels: [channel('notes', 'life-1.1')] });
    const beginner = await joinSocket(url, { clientId: 'beginner', channels: [channel('notes')] });
    const patch = [{ op: 'replace', path: '/n', value: 2 }];
    await api.patch('/v1/notes/a', 1, patch);
    await api.replace('/v1/notes/a', 2, { other: true });
    const [patched, replaced] = await holder.take(2);
    expect(patched).toMatchObject({ version: 2, baseVersion: 1, deleted: false, patch });
    expect(patched).not.toHaveProperty('entity');
    expect(replaced).toMatchObject({ entity: { id: 'a', other: true } });
    expect(replaced).not.toHaveProperty('patch');
    expect((await beginner.take(2))[0]).toMatchObject({ entity: { text, n: 2 } });
  });

  test('that are too large for a frame are told by a poke', async () => {
    const { url, api } = await listen();
    const client = await joinSocket(url, { channels: [channel('notes')] });
    await api.create('/v1/notes/a', { text: 'x'.repeat(300_000) });
    await api.create('/v1/notes/b', {});
    expect(summary(await client.take(2))).toEqual(['poke', '1: b@1']);
  });

  test('reach a receiver even when the notification was lost', async () => {
    const listeners = new Set<(collections: readonly string[]) => void>();
    let isMute = true;
    const { url, api } = await listen({
      fanout: {
        publish: (collections) => {
          if (!isMute) for (const listener of listeners) listener(collections);
        },
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        close: async () => {},
      },
    });
    const client = await joinSocket(url, { channels: [channel('notes')] });
    await api.create('/v1/notes/a', {});
    expect(await client.rest()).toEqual([]);
    isMute = false;
    await api.create('/v1/notes/b', {});
    expect(summary(await client.take(2))).toEqual(['1: a@1', '2: b@1']);
    client.socket.close();
    await client.closed;
    expect(listeners.size).toBe(1);
  });
});

describe('channels', () => {
  test('are added and left on the same socket, each from its own cursor', async () => {
    const { url, api } = await listen();
    await api.create('/v1/notes/a', {});
    await api.create('/v1/tasks/t', {});
    const client = await joinSocket(url, { channels: [channel('notes')] });
    client.send({ type: 'subscribe', channels: [channel('tasks', 'life-1.0')] });
    expect(summary([await client.next()])).toEqual(['1: t@1']);
    client.send({ type: 'unsubscribe', channels: ['notes'] });
    await client.rest();
    await api.create('/v1/notes/b', {});
    await api.create('/v1/tasks/u', {});
    expect(summary([await client.next()])).toEqual(['2: u@1']);
    expect(await client.rest()).toEqual([]);
  });

  test('that are added without a cursor are followed by a poke: what came before is to be fetched', async () => {
    const { url, api } = await listen();
    await api.create('/v1/notes/a', {});
    const client = await joinSocket(url);
    client.send({ type: 'subscribe', channels: [channel('notes')] });
    expect(summary([await client.next()])).toEqual(['poke']);
    await api.create('/v1/notes/b', {});
    expect(summary([await client.next()])).toEqual(['1: b@1']);
  });

  test('that are forbidden, malformed or too many are refused one by one', async () => {
    const { url, api } = await listen({
      authorize: (_principal, action, collection, entity) =>
        action === 'write' || (collection !== 'secrets' && (entity as { hidden?: boolean } | null)?.hidden !== true),
      limits: { channelsPerSocket: 2 },
    });
    await api.create('/v1/notes/h', { hidden: true });
    const names = ['secrets', 'notes/h', 'no such!', 'notes/..', 'notes', 'notes', 'tasks/1', 'tasks/2'];
    const client = await joinSocket(url, { channels: names.map((name) => channel(name)) });
    const errors = await client.rest();
    expect(
      errors.map(({ channel: name, problem }) => [name, (problem as { type: string }).type.split(':').at(-1)]),
    ).toEqual([
      ['secrets', 'forbidden'],
      ['notes/h', 'forbidden'],
      ['no such!', 'invalid-collection'],
      ['notes/..', 'invalid-id'],
      ['tasks/2', 'too-large'],
    ]);
    await api.create('/v1/notes/a', {});
    expect(summary([await client.next()])).toEqual(['1: a@1']);
  });

  test('a reader who loses permission sees the entity leave as a removal', async () => {
    const { url, api } = await listen({
      authenticate: byToken,
      authorize: ({ id }, action, _collection, entity) =>
        action === 'write' || entity === null || (entity as { readers?: string[] }).readers?.includes(id) === true,
    });
    const join = (token: string) =>
      joinSocket(url, { token, clientId: token, channels: [channel('notes', 'life-1.0')] });
    const [ada, bob] = [await join('ada'), await join('bob')];
    const call = { token: 'ada' };
    await api.create('/v1/notes/a', { readers: ['ada', 'bob'] }, call);
    await api.replace('/v1/notes/a', 1, { readers: ['ada'], secret: 1 }, call);
    await api.replace('/v1/notes/a', 2, { readers: ['ada'], secret: 2 }, call);
    await api.replace('/v1/notes/a', 3, { readers: ['ada', 'bob'], text: 'x'.repeat(100), secret: 2 }, call);
    await ada.take(4);
    const seen = await bob.take(3);
    expect(seen).toMatchObject([
      { version: 1, seq: 1, deleted: false },
      { version: 2, seq: 2, deleted: true, entity: null },
      { version: 4, seq: 3, deleted: false, entity: { readers: ['ada', 'bob'] } },
    ]);
    expect(await bob.rest()).toEqual([]);
  });

  test('an outage of the permissions closes with 1013 and hides nothing', async () => {
    let isDown = false;
    const { url, api } = await listen({
      authorize: (_principal, action) => {
        if (isDown && action === 'read') throw new Error('down');
        return true;
      },
    });
    const client = await joinSocket(url, { channels: [channel('notes')] });
    isDown = true;
    await api.create('/v1/notes/a', {});
    expect(await client.closed).toBe(1013);
  });
});

describe('resync', () => {
  test.each([
    ['a cursor of another life', { channels: [channel('notes', 'life-0.3')] }],
    ['a cursor of the future', { channels: [channel('notes', 'life-1.9')] }],
    ['a cursor that is none', { channels: [channel('notes', 'x')] }],
    ['another epoch', { epoch: 'life-0', channels: [channel('notes')] }],
  ])('is told for %s, and the channel is followed from now on', async (_, hello) => {
    const { url, api } = await listen();
    await api.create('/v1/notes/a', {});
    const client = await joinSocket(url, hello);
    expect(await client.next()).toEqual({ type: 'resync', epoch: 'life-1' });
    await api.create('/v1/notes/b', {});
    expect(summary([await client.next()])).toEqual(['1: b@1']);
  });

  test('is told for a cursor that the feed no longer reaches', async () => {
    const { url, api, clock } = await listen({ limits: { feedChanges: 1, heartbeatMs: 1e9, sessionCheckMs: 1e9 } });
    for (const id of ['a', 'b', 'c']) await api.create(`/v1/notes/${id}`, {});
    await clock.advance(61 * minute);
    const client = await joinSocket(url, { channels: [channel('notes', 'life-1.1')] });
    expect(await client.next()).toMatchObject({ type: 'resync' });
    const near = await joinSocket(url, { clientId: 'near', channels: [channel('notes', 'life-1.2')] });
    expect(summary([await near.next()])).toEqual(['1: c@1']);
  });
});

describe('heartbeat', () => {
  test('G14 the server pings, and cuts off who is silent for two heartbeats', async () => {
    const { url, clock } = await listen();
    const beat = async (clients: readonly TestSocket[]) => {
      const pinged = clients.map(({ socket }) => new Promise((resolve) => socket.once('ping', resolve)));
      await clock.advance(25_000);
      await Promise.all(pinged);
      for (const client of clients) if (client.socket.readyState === client.socket.OPEN) await client.rest();
    };
    const healthy = await joinSocket(url, { clientId: 'healthy' });
    const silent = await joinSocket(url, { clientId: 'silent' }, { autoPong: false });
    const pings: Promise<unknown>[] = [new Promise((resolve) => silent.socket.once('ping', resolve))];
    await beat([healthy]);
    await Promise.all(pings);
    await beat([healthy]);
    expect(silent.socket.readyState).toBe(silent.socket.OPEN);
    await clock.advance(25_000);
    expect(await silent.closed).toBe(1006);
    expect(await healthy.rest()).toEqual([]);
  });
});

describe('G15 slow readers', { timeout: 30_000 }, () => {
  const fill = async (api: TestServer['api'], from: number, count: number) => {
    for (let n = from; n < from + count; n += 1) await api.create(`/v1/notes/${n}`, { text: 'x'.repeat(250_000) });
  };

  test('get one poke in place of changes, and changes again when they have read', async () => {
    const { url, api } = await listen({ limits: { bufferedBytes: 100_000 } });
    const client = await joinSocket(url, { channels: [channel('notes')] });
    client.socket.pause();
    await fill(api, 0, 80);
    client.socket.resume();
    const seen: unknown[] = [];
    while (seen.at(-1) !== 'poke') seen.push((await client.next()).type);
    expect(seen.length).toBeLessThan(80);
    await api.create('/v1/notes/after', {});
    const later: unknown[] = [];
    while (later.at(-1) !== 'after') later.push((await client.next()).id);
    expect(later.filter((id) => id === undefined).length).toBeLessThan(80);
  });

  test('are cut off after 30 s', async () => {
    const { url, api, clock } = await listen({ limits: { bufferedBytes: 100_000, heartbeatMs: 1e9 } });
    const client = await joinSocket(url, { channels: [channel('notes')] });
    client.socket.pause();
    await fill(api, 0, 80);
    await clock.advance(30_000);
    client.socket.resume();
    expect(await client.closed).toBe(1006);
  });

  test('are cut off when too much waits', async () => {
    const { url, api } = await listen({ limits: { bufferedBytesMax: 100_000 } });
    const client = await joinSocket(url, { channels: [channel('notes')] });
    client.socket.pause();
    await fill(api, 0, 80);
    client.socket.resume();
    expect(await client.closed).toBe(1006);
  });
});
