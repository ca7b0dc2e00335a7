import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpApiClient, createSyncService, type ISyncService } from '../../src/index.ts';
import type { Principal, SyncServerOptions } from '../../src/server/index.ts';
import { joinSocket } from './support/socket.ts';
import { startTestServer } from './support/test-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Readers see the projects that their claims name. */
async function serveProjects() {
  const projects: Record<string, readonly string[]> = {};
  const options: SyncServerOptions = {
    authenticate: (token): Principal => ({ id: token ?? 'nobody', projects: projects[token ?? ''] ?? [] }),
    authorize: ({ projects: own }, action, _collection, entity) =>
      action === 'write' ||
      entity === null ||
      (own as string[]).includes((entity as { project?: string }).project ?? ''),
  };
  const started = await startTestServer({ ...options, limits: { heartbeatMs: 1e9 } });
  ends.push(() => started.server.close());
  const { url } = await started.server.listen(0);
  return { ...started, url, projects };
}

const followAs = (token: string, url: string): ISyncService => {
  const sync = createSyncService(createHttpApiClient({ url, token: () => token }), { user: token });
  ends.push(() => sync.close());
  return sync;
};
const idsOf = (sync: ISyncService): readonly string[] =>
  sync
    .collection('notes')
    .list()
    .map(({ id }) => id);
const holds = (sync: ISyncService, ...ids: readonly string[]) =>
  firstValueFrom(
    sync
      .collection('notes')
      .query({})
      .result$.pipe(filter((notes) => notes.map(({ id }) => id).join() === ids.join())),
  );

describe('claims that change without any entity', () => {
  test('G4 a reader loses what it may no longer read and gains what it now may, by HTTP alone', async () => {
    const { api, url, projects } = await serveProjects();
    projects['ada'] = ['p'];
    await api.create('/v1/notes/1', { project: 'p' });
    await api.create('/v1/notes/2', { project: 'q' });
    const sync = followAs('ada', url);
    await holds(sync, '1');
    projects['ada'] = ['q'];
    await sync.pull();
    expect(idsOf(sync)).toEqual(['2']);
  });

  test('the feed is read on as long as the claims are the same, in whatever order they come', async () => {
    let claims: object = { roles: ['a'], team: 1 };
    const { api } = await startTestServer({ authenticate: () => ({ id: 'ada', ...claims }) });
    await api.create('/v1/notes/1', {});
    const { cursor } = (await api.get('/v1/changes')).body;
    const statusAfter = async (next: object): Promise<number> => {
      claims = next;
      return (await api.get(`/v1/changes?since=${cursor}`)).status;
    };
    expect([
      await statusAfter({ team: 1, roles: ['a'], left: undefined }),
      await statusAfter({ roles: ['a', 'b'], team: 1 }),
      await statusAfter({}),
      await statusAfter({ roles: ['a'], team: 1 }),
    ]).toEqual([200, 410, 410, 200]);
  });

  test('a snapshot that is under way begins anew', async () => {
    let role = 'a';
    const { api } = await startTestServer({ authenticate: () => ({ id: 'ada', role }) });
    for (const id of ['1', '2', '3']) await api.create(`/v1/notes/${id}`, {});
    const { cursor, hasMore } = (await api.get('/v1/changes?limit=2')).body;
    const next = `/v1/changes?limit=2&since=${cursor}`;
    const withSame = (await api.get(next)).status;
    role = 'b';
    expect([hasMore, withSame, (await api.get(next)).status]).toEqual([true, 200, 410]);
  });
});

describe('a socket', () => {
  const channels = (cursor: string) => [{ channel: 'notes', cursor }];

  test('is told to fetch anew in the moment in which its claims change, and its cursors are of the new ones', async () => {
    const { api, url, projects } = await serveProjects();
    projects['ada'] = ['p'];
    const { cursor } = (await api.get('/v1/changes', { token: 'ada' })).body;
    const client = await joinSocket(url, { token: 'ada', channels: channels(cursor) });
    await api.create('/v1/notes/1', { project: 'p' });
    const before = await client.next();
    projects['ada'] = ['p', 'q'];
    client.send({ type: 'auth', token: 'ada' });
    expect(await client.next()).toEqual({ type: 'resync', epoch: 'life-1' });
    await api.create('/v1/notes/2', { project: 'q' });
    const after = await client.next();
    const read = async (since: unknown) =>
      (await api.get(`/v1/changes?since=${String(since)}`, { token: 'ada' })).status;
    expect([await read(before['cursor']), await read(after['cursor'])]).toEqual([410, 200]);
  });

  test('that comes with a cursor of other claims is told to fetch anew', async () => {
    const { api, url, projects } = await serveProjects();
    const { cursor } = (await api.get('/v1/changes', { token: 'ada' })).body;
    projects['ada'] = ['p'];
    const client = await joinSocket(url, { token: 'ada', channels: channels(cursor) });
    expect(await client.next()).toEqual({ type: 'resync', epoch: 'life-1' });
  });

  test('G4 a live service gains and loses with the next look at the session', async () => {
    const { api, url, projects, clock } = await serveProjects();
    projects['ada'] = ['p'];
    await api.create('/v1/notes/1', { project: 'p' });
    await api.create('/v1/notes/2', { project: 'q' });
    const sync = followAs('ada', url);
    sync.enableRealTime();
    await firstValueFrom(sync.state$.pipe(filter(({ realTime }) => realTime === 'live')));
    await holds(sync, '1');
    projects['ada'] = ['q'];
    await clock.advance(30 * 60_000);
    await holds(sync, '2');
  });

  test('loses a channel whose permission is gone though its claims are the same', async () => {
    let mayRead = true;
    const started = await startTestServer({
      authorize: (_principal, action) => action === 'write' || mayRead,
      limits: { heartbeatMs: 1e9 },
    });
    ends.push(() => started.server.close());
    const client = await joinSocket((await started.server.listen(0)).url, { channels: channels('life-1.0') });
    mayRead = false;
    await started.clock.advance(30 * 60_000);
    expect(await client.next()).toEqual({
      type: 'error',
      channel: 'notes',
      problem: expect.objectContaining({ status: 403 }),
    });
  });
});
