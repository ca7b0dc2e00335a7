import { expect, test } from 'vitest';
import type { RestApiClientOptions } from '../../../src/rest.ts';
import { serveNotes, titlesOf, type NoteService } from './note-server.ts';
import { createOnlineSwitch, type OnlineSwitch } from './online-switch.ts';
import { startJsonServer } from './real-servers.ts';
import { jsonServer } from './tried-servers.ts';

const server = serveNotes(startJsonServer, { detectConflicts: 'compare' });

function start(name: string, options: Partial<RestApiClientOptions> = {}, online?: OnlineSwitch): NoteService {
  return server.start(name, { ...jsonServer, list: { ...jsonServer.list, maxLimit: 2 }, ...options }, online);
}

const call = async (method: string, path: string, body?: object): Promise<unknown> => {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return response.status === 404 ? null : response.json();
};
const stored = (id: string) => call('GET', `/notes/${encodeURIComponent(id)}`);
const now = () => new Date().toISOString();

test('G1 G2 what was written offline, and left behind by a process that ended, is drained', async () => {
  const before = start('one', {}, createOnlineSwitch(false));
  await before.ready;
  await before.collection('notes').put({ id: 'a/b', title: 'first' }).durable;
  await before.collection('notes').put({ id: 'c', title: 'gone before it went' }).durable;
  await before.collection('notes').delete('c').durable;
  await before.close();

  const after = start('one');
  await after.flush();
  expect(await stored('a/b')).toEqual({ id: 'a/b', title: 'first', updatedAt: expect.any(String) });
  expect(await stored('c')).toBeNull();
  await after.syncEntity('notes', { id: 'a/b', title: 'second' }, { until: 'synced' });
  expect(await stored('a/b')).toMatchObject({ title: 'second' });
  await after.deleteEntity('notes', 'a/b', { until: 'synced' });
  expect(await stored('a/b')).toBeNull();
});

test('G6 without versions, reading before writing finds what somebody else changed', async () => {
  const service = start('one', { list: false });
  await service.syncEntity('notes', { id: 'a', title: 'first', body: 'text' }, { until: 'synced' });
  await call('PATCH', '/notes/a', { title: 'theirs' });
  await service.syncEntity('notes', { id: 'a', title: 'mine', body: 'mine' }, { until: 'synced' });
  expect(await stored('a')).toMatchObject({ title: 'mine', body: 'mine' });
  expect(service.conflicts.list()).toMatchObject([
    {
      base: { title: 'first' },
      local: { title: 'mine' },
      remote: { title: 'theirs' },
      paths: ['/title'],
      status: 'resolved',
    },
  ]);
});

test('S5 a create whose answer was lost is asked about, and not made twice', async () => {
  let isLost = false;
  const loseFirstPost: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method !== 'POST' || isLost) return response;
    isLost = true;
    await response.body?.cancel();
    throw new TypeError('The connection was lost after the request.');
  };
  const service = start('one', { fetch: (url, init) => loseFirstPost(url, init) });
  await service.syncEntity('notes', { id: 'a', title: 'once' }, { until: 'synced' });
  expect(isLost).toBe(true);
  expect(await call('GET', '/notes')).toMatchObject([{ id: 'a', title: 'once' }]);
  expect(service.conflicts.list()).toEqual([]);
});

test('S40 the list by time is the feed, page by page: what others make and change arrives, deletions do not', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await call('POST', '/notes', { id, title: id, updatedAt: now() });
  const service = start('one');
  await service.pull();
  expect(titlesOf(service)).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
    ['d', 'd'],
    ['e', 'e'],
  ]);

  await call('PATCH', '/notes/b', { title: 'changed', updatedAt: now() });
  await call('DELETE', '/notes/c');
  await call('POST', '/notes', { id: 'f', title: 'f', updatedAt: now() });
  await service.pull();
  expect(titlesOf(service)).toEqual([
    ['a', 'a'],
    ['b', 'changed'],
    ['c', 'c'],
    ['d', 'd'],
    ['e', 'e'],
    ['f', 'f'],
  ]);

  await service.syncEntity('notes', { id: 'd', title: 'mine' }, { until: 'synced' });
  const other = start('two');
  await other.pull();
  expect(titlesOf(other)).toEqual([
    ['a', 'a'],
    ['b', 'changed'],
    ['d', 'mine'],
    ['e', 'e'],
    ['f', 'f'],
  ]);
  expect(service.conflicts.list()).toEqual([]);
});

test('S38 numbered pages are a snapshot: deletions arrive', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await call('POST', '/notes', { id, title: id });
  const list = { path: '/{collection}?_sort=id&_page={page}&_limit={limit}', total: 'X-Total-Count', maxLimit: 2 };
  const service = start('one', { list });
  await service.pull();
  await call('DELETE', '/notes/c');
  await service.pull();
  expect(titlesOf(service)).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['d', 'd'],
    ['e', 'e'],
  ]);
});

test('S38 pages are followed by the header Link', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await call('POST', '/notes', { id, title: id });
  const service = start('one', {
    list: { path: '/{collection}?_sort=id&_page=1&_limit={limit}', next: 'link', maxLimit: 2 },
  });
  await service.pull();
  expect(titlesOf(service).map(([id]) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
});
