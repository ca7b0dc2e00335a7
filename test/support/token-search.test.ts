import { expect, onTestFinished, test } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { MisconfiguredError, RejectedError } from '../../src/index.ts';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createFaultWorld } from '../faults/fault-world.ts';
import { startHostileHttpServer } from './hostile-http-server.ts';
import { makeWorld } from './make-world.ts';
import { createRequestContext } from './request-context.ts';
import { watch } from './service-world.ts';
import { createTabWorld } from './tab-world.ts';
import { canary, endTokenSearch } from './token-search.ts';

/** What the end of the test would fail for; after it nothing is left to be searched. */
const found = async () => (await endTokenSearch()).toSorted();

const refuse = (Refusal: new (options: { message: string }) => Error) => () => {
  throw new Refusal({ message: `${canary} is not accepted` });
};

test('G16 the search that ends each test finds a token in what a service tells, keeps and stores', async () => {
  const world = makeWorld();
  const sync = await world.open();
  world.backend.once('write', refuse(RejectedError));
  world.backend.once('write', refuse(MisconfiguredError));
  sync.collection('tasks').put({ id: '1' });
  sync.collection('tasks').put({ id: '2' });
  await world.advance(60_000);
  expect(await found()).toEqual(['error', 'event', 'export', 'queue', 'state', 'storage']);
});

test('G16 … and in what actors are told', async () => {
  const sync = await makeWorld().open();
  (sync.actor as AnyActorRef).send({ type: canary });
  expect(await found()).toEqual(['inspection']);
});

test('G16 … and in what tabs tell each other', async () => {
  const world = createTabWorld();
  onTestFinished(() => world.closeAll());
  await world.open();
  const follower = await world.open();
  follower.sync
    .collection('tasks')
    .load(canary)
    .catch(() => undefined);
  await world.advance(1_000);
  expect(await found()).toEqual(['message', 'storage']);
});

test('G16 … in a conflict, and in what is sent', async () => {
  const world = await createFaultWorld();
  onTestFinished(() => world.close());
  const sync = await world.open();
  await world.edit('1', { title: 'a' });
  await sync.collection('tasks').pull();
  await world.edit('1', { title: 'b' });
  sync.collection('tasks').patch('1', { title: canary });
  await world.advance(60_000);
  expect(await found()).toEqual(expect.arrayContaining(['body', 'conflicts', 'event']));
});

test('G16 … in an address and in the console, and a token that it would not find', async () => {
  const server = await startHostileHttpServer();
  onTestFinished(() => server.close());
  const client = createHttpApiClient({ url: server.url, token: () => 'other' });
  await client.get('notes', canary, createRequestContext()).catch(() => console.debug('sent', { canary }));
  expect(await found()).toEqual(['address', 'console', 'token without']);
});

test('G16 what clients throw in these tests quotes the token: it stays where the app put it, the cause', async () => {
  const world = makeWorld();
  const sync = await world.open();
  world.backend.once('write', () => {
    throw new RejectedError();
  });
  const synced = watch(sync.collection('tasks').put({ id: '1' }).synced);
  await world.advance(60_000);
  expect(synced()).toMatchObject({ is: 'rejected', error: { code: 'parked' } });
  expect(JSON.stringify(world.backend.writes())).not.toContain(canary);
  expect(await found()).toEqual([]);
});
