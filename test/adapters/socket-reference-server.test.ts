import { BehaviorSubject, filter, firstValueFrom, map, ReplaySubject } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { createHttpApiClient, type HttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import type { SyncError } from '../../src/core/errors.ts';
import type { RemoteChange } from '../../src/core/record.ts';
import type { RealTimeChannel, RealTimeMessage } from '../../src/ports/real-time.ts';
import { createSyncServer, type SyncServerOptions } from '../../src/server/index.ts';
import { createRequestContext } from '../support/request-context.ts';
import { canary } from '../support/token-search.ts';

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function startServer(options: SyncServerOptions = {}): Promise<string> {
  const server = await createSyncServer({ database: ':memory:', ...options });
  ends.push(() => server.close());
  return (await server.listen(0)).url;
}

function follow(client: HttpApiClient, channels: readonly RealTimeChannel[], clientId = 'me') {
  const channels$ = new BehaviorSubject(channels);
  const messages$ = new ReplaySubject<RealTimeMessage>();
  const failed = new Promise<SyncError>((resolve) => {
    const subscription = client.realTime.connect({ clientId, channels$ }).subscribe({
      next: (message) => messages$.next(message),
      error: resolve,
    });
    ends.push(() => subscription.unsubscribe());
  });
  const changeOf = (id: string, version: number): Promise<RemoteChange> =>
    firstValueFrom(
      messages$.pipe(
        filter((message) => message.type === 'change'),
        map(({ change }) => change),
        filter((change) => change.id === id && change.record.version === version),
      ),
    );
  const opened = firstValueFrom(messages$);
  const refused = firstValueFrom(messages$.pipe(filter((message) => message.type === 'refused')));
  refused.catch(() => undefined);
  return { channels$, failed, opened, changeOf, refused };
}

const create = (client: HttpApiClient, id: string, key: string) =>
  client.create('notes', { id, title: 'x', updatedAt: '2020-01-01T00:00:00.000Z' } as never, {
    ...createRequestContext({ idempotencyKey: key }),
  });
const everything: readonly RealTimeChannel[] = [{ channel: 'notes', cursor: null }];

test('changes of others and own ones come with their key, version and place', async () => {
  const client = createHttpApiClient({ url: await startServer() });
  const { opened, changeOf } = follow(client, everything);
  expect(await opened).toEqual({ type: 'open', epoch: expect.any(String) });
  const { epoch: _, ...created } = await create(client, '1', 'the-key');
  const change = await changeOf('1', 1);
  expect(change).toMatchObject({
    collection: 'notes',
    id: '1',
    record: created,
    idempotencyKey: 'the-key',
    clientId: 'client-1',
    cursor: expect.any(String),
  });
  const read = await client.changes('notes', { cursor: change.cursor ?? '', limit: 10 }, createRequestContext());
  expect(read.changes).toEqual([]);
});

test('S40 what happened since the cursor comes first', async () => {
  const client = createHttpApiClient({ url: await startServer() });
  const { cursor } = await client.changes('notes', { cursor: null, limit: 10 }, createRequestContext());
  await create(client, 'missed', 'k1');
  const { changeOf } = follow(client, [{ channel: 'notes', cursor }]);
  expect((await changeOf('missed', 1)).record.entity).toMatchObject({ id: 'missed', title: 'x' });
});

test('G11 a channel that may not be read is refused by name, the others are followed', async () => {
  const authorize: SyncServerOptions['authorize'] = (_, action, collection, entity) =>
    action === 'write' || collection === 'notes' || entity !== null;
  const client = createHttpApiClient({ url: await startServer({ authorize }) });
  const { changeOf, refused } = follow(client, [{ channel: 'secrets', cursor: null }, ...everything]);
  expect(await refused).toMatchObject({ channel: 'secrets', error: { code: 'forbidden' } });
  await create(client, '1', 'the-key');
  expect(await changeOf('1', 1)).toMatchObject({ id: '1' });
});

test('an update comes as an entity or as a patch on the version before', async () => {
  const client = createHttpApiClient({ url: await startServer() });
  const { opened, changeOf } = follow(client, everything);
  await opened;
  const { entity } = await create(client, '1', 'k1');
  await changeOf('1', 1);
  const patch = [{ op: 'replace', path: '/title', value: 'y' }] as const;
  await client.update(
    'notes',
    '1',
    { patch, entity: entity!, baseVersion: 1 },
    createRequestContext({ idempotencyKey: 'k2' }),
  );
  const change = await changeOf('1', 2);
  expect({ baseVersion: change.baseVersion, told: change.patch ?? change.record.entity }).toEqual({
    baseVersion: 1,
    told: change.patch === undefined ? expect.objectContaining({ title: 'y' }) : patch,
  });
  await client.delete('notes', '1', { baseVersion: 2 }, createRequestContext({ idempotencyKey: 'k3' }));
  expect((await changeOf('1', 3)).record).toMatchObject({ entity: null, deleted: true });
});

test('S41 a channel that is added later is followed from its cursor', async () => {
  const client = createHttpApiClient({ url: await startServer() });
  const { cursor } = await client.changes('notes', { cursor: null, limit: 10 }, createRequestContext());
  const { opened, channels$, changeOf } = follow(client, []);
  await opened;
  await create(client, 'other', 'k1');
  await create(client, 'wanted', 'k2');
  channels$.next([{ channel: 'notes/wanted', cursor }]);
  expect((await changeOf('wanted', 1)).idempotencyKey).toBe('k2');
});

test('G16 a wrong token is unauthorized, on both ways', async () => {
  const url = await startServer({ authenticate: async (token) => (token === canary ? { id: 'ada' } : null) });
  let token = `${canary}-other`;
  const client = createHttpApiClient({ url, token: () => token });
  expect(await follow(client, everything).failed).toMatchObject({ code: 'unauthorized', detail: { closeCode: 4401 } });
  token = canary;
  await expect(follow(client, everything).opened).resolves.toMatchObject({ type: 'open' });
});

test('a server that goes away is unavailable', async () => {
  const server = await createSyncServer({ database: ':memory:' });
  const client = createHttpApiClient({ url: (await server.listen(0)).url });
  const { opened, failed } = follow(client, everything);
  await opened;
  await server.close();
  expect(await failed).toMatchObject({ code: 'unavailable', detail: { closeCode: 1001 } });
});
