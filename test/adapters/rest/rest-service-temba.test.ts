import { expect, test } from 'vitest';
import type { RestListOptions } from '../../../src/rest.ts';
import { serveNotes, titlesOf, type NoteService } from './note-server.ts';
import { createOnlineSwitch, type OnlineSwitch } from './online-switch.ts';
import { startTemba } from './real-servers.ts';
import { temba } from './tried-servers.ts';

const server = serveNotes(startTemba);

interface Setting {
  readonly online?: OnlineSwitch;
  readonly list?: RestListOptions | false;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

function start(
  name: string,
  { online, list = temba.list ?? false, fetch: fetchFunction = fetch }: Setting = {},
): NoteService {
  return server.start(name, { ...temba, list, fetch: (url, init) => fetchFunction(url, init) }, online);
}

const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const stored = async (id: string): Promise<unknown> => (await call('GET', `/notes/${id}`)).json();

/** A change by somebody else. */
async function edit(id: string, fields: object): Promise<void> {
  const etag = (await call('GET', `/notes/${id}`)).headers.get('etag') ?? '';
  const { status } = await call('PATCH', `/notes/${id}`, fields, { 'If-Match': etag });
  expect(status).toBe(200);
}

test('G1 G2 what was written offline, and left behind by a process that ended, is drained in order', async () => {
  const before = start('one', { online: createOnlineSwitch(false) });
  await before.ready;
  await before.collection('notes').put({ id: 'a', title: 'first' }).durable;
  await before.collection('notes').put({ id: 'b', title: 'gone before it went' }).durable;
  await before.collection('notes').patch('a', { title: 'second' }).durable;
  await before.collection('notes').delete('b').durable;
  await before.close();

  const after = start('one');
  await after.flush();
  expect(await stored('a')).toMatchObject({ id: 'a', title: 'second' });
  expect((await call('GET', '/notes/b')).status).toBe(404);
  expect(after.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 0 });
  await after.syncEntity('notes', { id: 'a', title: 'third' }, { until: 'synced' });
  await after.deleteEntity('notes', 'a', { until: 'synced' });
  expect((await call('GET', '/notes/a')).status).toBe(404);
});

test('G6 S12 a 412 is a conflict with what the server holds: both changes are kept, with a record', async () => {
  const service = start('one');
  await service.syncEntity('notes', { id: 'a', title: 'first', body: 'text' }, { until: 'synced' });
  await edit('a', { title: 'theirs' });
  await service.syncEntity('notes', { id: 'a', title: 'first', body: 'mine' }, { until: 'synced' });
  expect(await stored('a')).toMatchObject({ title: 'theirs', body: 'mine' });
  expect(service.conflicts.list()).toMatchObject([
    { base: { title: 'first' }, local: { body: 'mine' }, remote: { title: 'theirs' }, status: 'resolved', paths: [] },
  ]);
});

test('S38 S40 the whole list is the feed: what others made, changed and deleted arrives', async () => {
  const service = start('one');
  await service.syncEntity('notes', { id: 'mine', title: 'mine' }, { until: 'synced' });
  await call('POST', '/notes/a', { title: 'a' });
  await call('POST', '/notes/b', { title: 'b' });
  await service.pull();
  expect(titlesOf(service)).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['mine', 'mine'],
  ]);

  await edit('a', { title: 'changed' });
  const etag = (await call('GET', '/notes/b')).headers.get('etag') ?? '';
  expect((await call('DELETE', '/notes/b', undefined, { 'If-Match': etag })).status).toBe(204);
  await service.pull();
  expect(titlesOf(service)).toEqual([
    ['a', 'changed'],
    ['mine', 'mine'],
  ]);

  await service.syncEntity('notes', { id: 'a', title: 'and mine' }, { until: 'synced' });
  expect(await stored('a')).toMatchObject({ title: 'and mine' });
  expect(service.conflicts.list()).toEqual([]);
});

test('an entity that somebody made under the same id is a conflict of two creations', async () => {
  await call('POST', '/notes/a', { title: 'theirs', body: 'text' });
  const service = start('one', { list: false });
  await service.syncEntity('notes', { id: 'a', title: 'mine' }, { until: 'synced' });
  expect(await stored('a')).toMatchObject({ title: 'mine', body: 'text' });
  expect(service.conflicts.list()).toMatchObject([{ base: null, remote: { title: 'theirs' }, paths: ['/title'] }]);
});

test.each(['request', 'answer'] as const)(
  'S5 an update whose %s was lost is asked about before anything is sent again, and takes effect once',
  async (lost) => {
    const sent: string[] = [];
    const losing = async (url: string, init: RequestInit): Promise<Response> => {
      sent.push(init.method ?? '');
      const isLost = init.method === 'PUT' && sent.filter((method) => method === 'PUT').length === 1;
      if (isLost && lost === 'request') throw new TypeError('There was no connection.');
      const response = await fetch(url, init);
      if (!isLost) return response;
      await response.body?.cancel();
      throw new TypeError('The connection was lost after the request.');
    };
    const service = start('one', { list: false, fetch: losing });
    await service.syncEntity('notes', { id: 'a', title: 'first' }, { until: 'synced' });
    sent.length = 0;
    await service.syncEntity('notes', { id: 'a', title: 'second' }, { until: 'synced' });
    expect(sent).toEqual(lost === 'request' ? ['PUT', 'GET', 'PUT', 'GET'] : ['PUT', 'GET']);
    expect(await stored('a')).toMatchObject({ title: 'second' });
    expect(service.conflicts.list()).toEqual([]);
  },
);
