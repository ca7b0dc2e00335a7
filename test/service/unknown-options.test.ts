import { expect, test } from 'vitest';
import { createSyncService } from '../../src/index.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

test.each([
  [{ nope: 1 }, '/nope'],
  [{ collections: { tasks: { exlude: ['/secret'] } } }, '/collections/tasks/exlude'],
  [{ retry: { baseMS: 10 } }, '/retry/baseMS'],
  [{ environment: { now: () => 0 } }, '/environment/now'],
  [{ realTime: { url: 'ws://localhost', tokn: 'x' } }, '/realTime/tokn'],
])('an option that is none is refused by its name: %j', (options, path) => {
  expect(() => createSyncService(createInMemoryApiClient(), options as never)).toThrow(
    expect.objectContaining({ code: 'invalid-option', path }),
  );
});

test.each<[unknown, string | undefined]>([
  [null, undefined],
  ['ws://localhost', undefined],
  [{ collections: null }, '/collections'],
  [{ collections: { tasks: null } }, '/collections/tasks'],
  [{ collections: { tasks: { schema: { parse: () => null } } } }, '/collections/tasks/schema'],
  [{ collections: { tasks: { schema: null } } }, '/collections/tasks/schema'],
  [{ collections: { tasks: { exclude: '/secret' } } }, '/collections/tasks/exclude'],
  [{ collections: { tasks: { fields: 'union' } } }, '/collections/tasks/fields'],
  [{ collections: { tasks: { references: ['/project'] } } }, '/collections/tasks/references'],
  [{ realTime: 'ws://localhost' }, '/realTime'],
  [{ realTime: { connect: true } }, '/realTime'],
  [{ realTime: { url: new URL('ws://localhost') } }, '/realTime/url'],
  [{ retry: 1_000 }, '/retry'],
  [{ retry: { baseMs: '10' } }, '/retry/baseMs'],
  [{ encryption: { encrypt: () => null, decrypt: () => null } }, '/encryption'],
  [{ storage: null }, '/storage'],
  [{ inspect: true }, '/inspect'],
  [{ environment: 'browser' }, '/environment'],
  [{ environment: { clock: {} } }, '/environment/clock'],
  [{ environment: { random: 0.5 } }, '/environment/random'],
  [{ environment: { network: { onLine: true } } }, '/environment/network/changes$'],
  [{ environment: { locks: true } }, '/environment/locks'],
  [{ environment: { tabs: {} } }, '/environment/tabs'],
  [{ environment: { page$: () => null } }, '/environment/page$'],
])('an option of another type is refused by its name: %j', (options, path) => {
  expect(() => createSyncService(createInMemoryApiClient(), options as never)).toThrow(
    expect.objectContaining({ code: 'invalid-option', path }),
  );
});

test('a schema may be a function that has the interface, as ArkType makes them', () => {
  const schema = Object.assign(() => null, {
    '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) },
  });
  expect(() => createSyncService(createInMemoryApiClient(), { collections: { tasks: { schema } } })).not.toThrow();
});

test('what a call is told besides is refused by its name, before anything is written', async () => {
  const sync = createSyncService(createInMemoryApiClient());
  const tasks = sync.collection('tasks');
  const refused = (path: string) => expect.objectContaining({ code: 'invalid-option', path });
  await expect(sync.syncEntity('tasks', { id: '1' }, { until: 'stored' } as never)).rejects.toEqual(refused('/until'));
  await expect(sync.deleteEntity('tasks', '1', { untill: 'synced' } as never)).rejects.toEqual(refused('/untill'));
  for (const [path, query] of [
    ['/where', { where: 5 }],
    ['/orderBy', { orderBy: 5 }],
    ['/orderBy/direction', { orderBy: { field: 'n', direction: 'down' } }],
    ['/order', { order: 'n' }],
  ] as const)
    expect(() => tasks.query(query as never)).toThrow(refused(path));
  expect(() => sync.realTime.subscribe('tasks', undefined as never)).toThrow(refused('/callback'));
  const noChannel = expect.objectContaining({ code: 'invalid-collection' });
  expect(() => sync.realTime.subscribe(5 as never, () => undefined)).toThrow(noChannel);
  await sync.ready;
  expect([tasks.list(), sync.queue.list()]).toEqual([[], []]);
  await sync.close();
});
