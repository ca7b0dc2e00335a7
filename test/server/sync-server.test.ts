import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createMemoryStore, createSyncServer, type SyncServerOptions } from '../../src/server/index.ts';
import { createApi } from './support/api.ts';
import { createSignal } from './support/signal.ts';
import { joinSocket } from './support/socket.ts';

const create = (options: SyncServerOptions = {}) => createSyncServer({ database: ':memory:', ...options });

test('listens on loopback, on any free port when told 0', async () => {
  const server = await create();
  const { url, port } = await server.listen(0);
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const answer = await fetch(`${url}/v1/health?nonce=1`);
  expect([answer.status, Number.isFinite(Date.parse(answer.headers.get('date') ?? ''))]).toEqual([200, true]);
  expect((await answer.json()) as object).toMatchObject({ nonce: '1' });
  await server.close();
});

test('answers over a connection what it answers to a Request, ids and bodies included', async () => {
  const server = await create();
  const { url } = await server.listen(0);
  const api = createApi({
    fetch: (request) => fetch(new Request(request.url.replace('http://sync.test', url), request)),
  });
  const path = `/v1/notes/${encodeURIComponent('a/b %🙂')}`;
  expect((await api.create(path, { text: 'é' })).status).toBe(201);
  expect((await api.patch(path, 1, [{ op: 'replace', path: '/text', value: 'ü' }])).status).toBe(200);
  expect((await api.get(path)).body.entity).toMatchObject({ id: 'a/b %🙂', text: 'ü' });
  expect((await api.create('/v1/notes/big', { text: 'x'.repeat(2 * 1024 * 1024) })).status).toBe(413);
  expect((await api.remove(path, 2)).status).toBe(204);
  await server.close();
});

test.each([
  'GET /v1/notes/../../etc HTTP/1.1',
  'GET /v1/notes/%2e%2e HTTP/1.1',
  'GET http:// HTTP/1.1',
  'GET /%%% HTTP/1.1',
  'OPTIONS * HTTP/1.1',
])('a raw "%s" is answered with a status', async (line) => {
  const server = await create();
  const { port } = await server.listen(0);
  const socket = connect(port, '127.0.0.1');
  socket.write(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString();
  expect(text).toMatch(/^HTTP\/1\.1 4\d\d/);
  await server.close();
});

test('a store of the app cannot be said to be restored', async () => {
  await expect(create({ database: createMemoryStore('life-1'), restored: true })).rejects.toMatchObject({
    code: 'invalid-option',
    path: '/restored',
  });
});

test('takes its place behind a server of the app', async () => {
  const sync = await create();
  const own = createServer((_, response) => response.end('own'));
  own.on('upgrade', sync.handleUpgrade);
  own.listen(0, '127.0.0.1');
  await once(own, 'listening');
  const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
  const client = await joinSocket(url, { channels: [{ channel: 'notes', cursor: null }] });
  await createApi(sync).create('/v1/notes/a', {});
  expect(await client.next()).toMatchObject({ type: 'change', id: 'a' });
  await sync.close();
  expect(await client.closed).toBe(1001);
  own.close();
});

test('closes once, and cannot listen again', async () => {
  const server = await create();
  await server.listen(0);
  await Promise.all([server.close(), server.close()]);
  await server.close();
  await expect(server.listen(0)).rejects.toMatchObject({ code: 'closed' });
});

test('closing waits for requests under way and for nothing else', async () => {
  const [entered, enter] = createSignal();
  const [released, release] = createSignal();
  const server = await create({
    authorize: async () => {
      enter();
      await released;
      return true;
    },
  });
  const { url } = await server.listen(0);
  await (await fetch(`${url}/v1/health`)).text();
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  await once(silent, 'connect');
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': 'k',
    'sync-client': 'c',
    'if-none-match': '*',
  };
  const answer = fetch(`${url}/v1/notes/a`, { method: 'PUT', headers, body: '{}' });
  await entered;
  const closing = server.close();
  release();
  expect((await answer).status).toBe(201);
  await closing;
  silent.destroy();
});

test('closing takes no more connections, however slowly a socket goes', async () => {
  const server = await create();
  const { url } = await server.listen(0);
  const client = await joinSocket(url);
  client.socket.pause();
  const closing = server.close();
  await expect(fetch(`${url}/v1/health`)).rejects.toThrow('fetch failed');
  client.socket.resume();
  await closing;
  expect(await client.closed).toBe(1001);
});

test('a body that the network cuts off is an outage, and no failure of the server', async () => {
  const failures: unknown[] = [];
  const server = await create({ reportFailure: (error) => failures.push(error) });
  const [answered, tell] = createSignal();
  const statuses: number[] = [];
  const own = createAdaptorServer({
    fetch: async (request) => {
      const answer = await server.fetch(request);
      statuses.push(answer.status);
      tell();
      return answer;
    },
  });
  own.listen(0, '127.0.0.1');
  await once(own, 'listening');
  const socket = connect((own.address() as AddressInfo).port, '127.0.0.1');
  const headers = ['host: x', 'content-type: application/json', 'content-length: 100'];
  own.once('request', () => socket.destroy());
  socket.write(`PUT /v1/notes/a HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n{"text":`);
  await answered;
  expect([statuses, failures]).toEqual([[503], []]);
  own.close();
  await server.close();
});

test('a server that listens is not asked twice', async () => {
  const server = await create();
  const { url } = await server.listen(0);
  await expect(server.listen(0)).rejects.toMatchObject({
    code: 'unavailable',
    message: `The server listens already, on ${url}. Create another one.`,
  });
  expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  await server.close();
});

test('a port that is taken is told', async () => {
  const [first, second] = [await create(), await create()];
  const { port } = await first.listen(0);
  await expect(second.listen(port)).rejects.toMatchObject({
    code: 'unavailable',
    message: `127.0.0.1:${port} cannot be listened on: it is taken. Choose another.`,
  });
  await second.listen(0);
  await first.close();
  await second.close();
});

test('two servers on one store and one fan-out are one: what one commits the other tells', async () => {
  const store = createMemoryStore('life-1');
  const [first, second] = [await create({ database: store }), await create({ database: store })];
  const { url } = await second.listen(0);
  await createApi(first).create('/v1/notes/a', {});
  const client = await joinSocket(url, { channels: [{ channel: 'notes', cursor: 'life-1.0' }] });
  expect(await client.next()).toMatchObject({ id: 'a' });
  await first.close();
  await second.close();
  expect(await store.read((reader) => reader.bounds())).toEqual({ floor: 0, head: 1 });
});

test.each([
  [{ database: 'postgres://localhost/x' }, 'unsupported'],
  [{ database: '/dev/null/nowhere/server.db' }, 'storage-failed'],
  [{ fanout: 'nats://localhost' as 'local' }, 'unsupported'],
])('%j is refused with %s', async (options, code) => {
  await expect(createSyncServer(options)).rejects.toMatchObject({ code });
});
