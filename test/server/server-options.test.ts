import { expect, test } from 'vitest';
import { createMemoryStore, createSyncServer, type SyncServerOptions } from '../../src/server/index.ts';

const create = (options: unknown) => createSyncServer({ database: ':memory:', ...(options as SyncServerOptions) });

test.each([
  ['/authorise', { authorise: () => false }],
  ['/authenticate', { authenticate: 'secret' }],
  ['/authorize', { authorize: null }],
  ['/origins', { origins: 'https://app.example' }],
  ['/origins', { origins: [/example/] }],
  ['/validate/notes', { validate: { notes: { parse: () => undefined } } }],
  ['/database', { database: 5 }],
  ['/database', { database: {} }],
  ['/restored', { restored: 'no' }],
  ['/fanout', { fanout: {} }],
  ['/limits', { limits: 5 }],
  ['/limits/bodyByte', { limits: { bodyByte: 5 } }],
  ['/clock', { clock: Date }],
  ['/random', { random: 0.5 }],
  ['/reportFailure', { reportFailure: true }],
])('an option that is none, or cannot work, is refused by name: %s', async (path, options) => {
  await expect(create(options)).rejects.toMatchObject({ code: 'invalid-option', path });
});

test('options that are no object, and a schema for what is no collection, are refused', async () => {
  await expect(createSyncServer('data.db' as SyncServerOptions)).rejects.toMatchObject({ code: 'invalid-option' });
  await expect(create({ validate: { 'my notes': {} } })).rejects.toMatchObject({ code: 'invalid-collection' });
});

test('absent options, parts of the app and schemas that are functions are taken', async () => {
  const schema = Object.assign(() => undefined, {
    '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) },
  });
  const options = { database: createMemoryStore('e'), authenticate: undefined, limits: { pageSize: undefined } };
  const server = await create({ ...options, validate: { notes: schema } });
  expect((await server.fetch(new Request('http://sync.test/v1/notes/1'))).status).toBe(404);
  await server.close();
});
