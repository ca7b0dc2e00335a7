import { describe, expect, test } from 'vitest';
import type { Principal, SyncServerOptions } from '../../src/server/index.ts';
import { startTestServer } from './support/test-server.ts';

const byToken = (token: string | null): Principal | null => (token === null || token === 'bad' ? null : { id: token });
type Owned = { readonly owner?: string } | null;
const ownOnly: SyncServerOptions = {
  authenticate: byToken,
  authorize: (principal, _action, _collection, entity) => (entity as Owned)?.owner === principal.id || entity === null,
};
const [ada, bob] = [{ token: 'ada' }, { token: 'bob' }];

describe('authentication', () => {
  test.each([
    ['no token', {}],
    ['a refused token', { token: 'bad' }],
    ['another scheme', { headers: { authorization: 'Basic YWRh' } }],
  ])('%s answers 401 everywhere but health', async (_, call) => {
    const { api } = await startTestServer({ authenticate: byToken });
    const answers = [
      await api.get('/v1/notes/a', call),
      await api.create('/v1/notes/a', {}, call),
      await api.batch([], call),
      await api.get('/v1/changes', call),
      await api.get('/v1/snapshot', call),
      await api.get('/v1/health', call),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 200]);
    expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('comes before everything else', async () => {
    const { api } = await startTestServer({ authenticate: byToken, limits: { bodyBytes: 10 } });
    const answer = await api.create(
      '/v1/notes/a',
      { text: 'too long' },
      { headers: { 'idempotency-key': '', 'sync-epoch': 'x' } },
    );
    expect(answer.status).toBe(401);
  });

  test('sees the token and the request', async () => {
    const seen: unknown[] = [];
    const authenticate = async (token: string | null, request: Request): Promise<Principal> => {
      seen.push([token, request.method, request.headers.get('x-tenant')]);
      return { id: 'ada' };
    };
    const { api } = await startTestServer({ authenticate });
    await api.get('/v1/changes', { token: 't-1', headers: { 'x-tenant': 'blue' } });
    expect(seen).toEqual([['t-1', 'GET', 'blue']]);
  });

  test('an outage is a 503 to try again, not a refusal', async () => {
    const { api, failures } = await startTestServer({ authenticate: () => Promise.reject(new Error('secret t-1')) });
    const answer = await api.get('/v1/notes/a');
    expect([answer.status, answer.body.retryable, answer.headers.get('retry-after')]).toEqual([503, true, '1']);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(failures).toMatchObject([{ message: 'secret t-1' }]);
  });
});

describe('hooks that misbehave', () => {
  test('G5 one that never answers is an outage after 30 s, and the key is free again', async () => {
    let [isHanging, entered] = [true, (): void => {}];
    const hung = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const authorize = (): boolean | Promise<boolean> => {
      if (!isHanging) return true;
      entered();
      return new Promise<boolean>(() => {});
    };
    const { api, clock, failures } = await startTestServer({ authorize });
    const call = { headers: { 'idempotency-key': 'k1' } };
    const first = api.create('/v1/notes/a', {}, call);
    await hung;
    expect((await api.create('/v1/notes/a', {}, call)).status).toBe(409);
    await clock.advance(30_000);
    expect((await first).status).toBe(503);
    expect(failures).toMatchObject([{ message: 'A hook took longer than 30000 ms.' }]);
    isHanging = false;
    expect((await api.create('/v1/notes/a', {}, call)).status).toBe(201);
  });

  test.each([[{}], [{ id: '' }], [{ id: 7 }], [undefined]])('a principal %j is none', async (principal) => {
    const { api, failures } = await startTestServer({ authenticate: () => principal as unknown as Principal });
    expect([(await api.get('/v1/notes/a')).status, failures.length]).toEqual([503, 1]);
  });
});

describe('authorisation of one entity', () => {
  test('reads and writes of others are refused', async () => {
    const { api } = await startTestServer(ownOnly);
    await api.create('/v1/notes/a', { owner: 'ada' }, ada);
    const answers = [
      await api.get('/v1/notes/a', bob),
      await api.create('/v1/notes/a', { owner: 'bob' }, bob),
      await api.replace('/v1/notes/a', 1, { owner: 'bob' }, bob),
      await api.patch('/v1/notes/a', 1, [{ op: 'add', path: '/n', value: 1 }], bob),
      await api.remove('/v1/notes/a', 1, bob),
      await api.create('/v1/notes/b', { owner: 'ada' }, bob),
      await api.replace('/v1/notes/a', 1, { owner: 'bob' }, ada),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
    expect((await api.get('/v1/notes/a', ada)).body).toMatchObject({ version: 1, entity: { owner: 'ada' } });
  });

  test('comes before the precondition: a 412 never shows what may not be read', async () => {
    const { api } = await startTestServer(ownOnly);
    await api.create('/v1/notes/a', { owner: 'ada', secret: 'x' }, ada);
    const answer = await api.replace('/v1/notes/a', 9, { owner: 'bob' }, bob);
    expect([answer.status, answer.body.current]).toEqual([403, undefined]);
  });

  test('who may write but not read sees no current record', async () => {
    const { api } = await startTestServer({ authorize: (_principal, action) => action === 'write' });
    await api.create('/v1/notes/a', { secret: 'x' });
    const answer = await api.replace('/v1/notes/a', 9, {});
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([403, expect.not.stringContaining('secret')]);
  });

  test('comes after the look-up: a repeat is answered though the permission is gone', async () => {
    let allowed = true;
    const { api } = await startTestServer({ authorize: () => allowed });
    const call = { headers: { 'idempotency-key': 'k1' } };
    await api.create('/v1/notes/a', {}, call);
    allowed = false;
    expect((await api.create('/v1/notes/a', {}, call)).headers.get('idempotency-replayed')).toBe('true');
    expect((await api.create('/v1/notes/b', {})).status).toBe(403);
  });

  test('comes before validation', async () => {
    const refuse = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
    } as const;
    const { api } = await startTestServer({ authorize: () => false, validate: { notes: refuse } });
    expect((await api.create('/v1/notes/a', {})).status).toBe(403);
  });

  test('in a batch each request is asked about alone', async () => {
    const { api } = await startTestServer(ownOnly);
    const create = (key: string, entityId: string, owner: string) => ({
      idempotencyKey: key,
      type: 'create',
      collection: 'notes',
      entityId,
      entity: { id: entityId, owner },
      baseVersion: null,
    });
    const { body } = await api.batch(
      [create('k1', 'a', 'ada'), create('k2', 'b', 'bob'), create('k3', 'c', 'ada')],
      ada,
    );
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([201, 403, 201]);
  });

  test('the entity comes with its metadata', async () => {
    const seen: unknown[] = [];
    const authorize: SyncServerOptions['authorize'] = (principal, action, collection, entity) => {
      seen.push([principal.id, action, collection, entity]);
      return true;
    };
    const { api } = await startTestServer({ authorize });
    await api.create('/v1/notes/a', { n: 1 });
    await api.remove('/v1/notes/a', 1);
    const entity = { id: 'a', n: 1, version: 1, updatedAt: '2026-01-01T00:00:00.000Z' };
    expect(seen).toMatchObject([
      ['anonymous', 'write', 'notes', { id: 'a', n: 1 }],
      ['anonymous', 'write', 'notes', entity],
    ]);
  });

  test('the entities of a batch and of a page are asked about some at once, and never all', async () => {
    let [asking, askingMost] = [0, 0];
    const authorize = async (): Promise<boolean> => {
      asking += 1;
      askingMost = Math.max(askingMost, asking);
      await new Promise((resolve) => void setImmediate(resolve));
      asking -= 1;
      return true;
    };
    const { api } = await startTestServer({ authorize });
    const most = async (call: Promise<unknown>): Promise<number> => {
      askingMost = 0;
      await call;
      return askingMost;
    };
    const ids = Array.from({ length: 50 }, (_, n) => `e${n}`);
    const requests = ids.map((id) => ({
      idempotencyKey: id,
      type: 'create',
      collection: 'notes',
      entityId: id,
      entity: { id },
      baseVersion: null,
    }));
    expect([
      await most(api.batch(requests)),
      await most(api.get('/v1/changes')),
      await most(api.get('/v1/changes?since=life-1.0')),
    ]).toEqual([16, 16, 16]);
    expect((await api.get('/v1/changes?since=life-1.0')).body.changes.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test('an outage is a 503, in a batch for the request alone', async () => {
    const authorize: SyncServerOptions['authorize'] = (_principal, _action, _collection, entity) => {
      if (entity?.id === 'a') throw new Error('policy service is down');
      return true;
    };
    const { api } = await startTestServer({ authorize });
    expect((await api.create('/v1/notes/a', {})).status).toBe(503);
    const create = (key: string, entityId: string) => ({
      idempotencyKey: key,
      type: 'create',
      collection: 'notes',
      entityId,
      entity: { id: entityId },
      baseVersion: null,
    });
    const { body } = await api.batch([create('k1', 'a'), create('k2', 'b')]);
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([503, 201]);
  });
});

describe('authorisation of the feed', () => {
  const idsOf = (changes: readonly { id: string; deleted: boolean }[]) =>
    changes.map(({ id, deleted }) => (deleted ? `-${id}` : id));

  test('shows each reader what is theirs', async () => {
    const { api } = await startTestServer(ownOnly);
    await api.create('/v1/notes/a', { owner: 'ada' }, ada);
    await api.create('/v1/notes/b', { owner: 'bob' }, bob);
    for (const path of ['/v1/changes', '/v1/changes?since=life-1.0', '/v1/snapshot']) {
      expect(idsOf((await api.get(path, ada)).body.changes)).toEqual(['a']);
      expect(idsOf((await api.get(path, bob)).body.changes)).toEqual(['b']);
    }
  });

  test('a reader who loses permission sees the entity leave as a removal, without its content', async () => {
    const { api } = await startTestServer({
      authenticate: byToken,
      authorize: ({ id }, action, _collection, entity) =>
        action === 'write' || entity === null || (entity as { readers?: string[] }).readers?.includes(id) === true,
    });
    await api.create('/v1/notes/a', { readers: ['ada', 'bob'] }, ada);
    const { cursor } = (await api.get('/v1/changes', bob)).body;
    await api.replace('/v1/notes/a', 1, { readers: ['ada'], secret: 'x' }, ada);
    await api.replace('/v1/notes/a', 2, { readers: ['ada'], secret: 'y' }, ada);
    await api.replace('/v1/notes/a', 3, { readers: ['ada', 'bob'] }, ada);
    await api.remove('/v1/notes/a', 4, ada);
    const { body } = await api.get(`/v1/changes?since=${cursor}`, bob);
    expect(body.changes).toMatchObject([
      { id: 'a', version: 2, deleted: true, entity: null },
      { id: 'a', version: 4, deleted: false, entity: { readers: ['ada', 'bob'] } },
      { id: 'a', version: 5, deleted: true, entity: null },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('an outage is a 503, not a hole in the feed', async () => {
    let down = false;
    const authorize = async (): Promise<boolean> => {
      if (down) throw new Error('policy service is down');
      return true;
    };
    const { api } = await startTestServer({ authorize });
    await api.create('/v1/notes/a', {});
    down = true;
    expect((await api.get('/v1/changes')).status).toBe(503);
    expect((await api.get('/v1/notes/a')).status).toBe(503);
  });

  test('a hook that fails when it is asked about a collection allows nothing: 503, and why is reported', async () => {
    const { api, failures } = await startTestServer({
      authenticate: byToken,
      authorize: (principal, _action, _collection, entity) => {
        if (entity === null) throw new Error('no permissions at hand');
        return (entity as Owned)?.owner === principal.id;
      },
    });
    await api.create('/v1/notes/a', { owner: 'ada' }, ada);
    await api.remove('/v1/notes/a', 1, ada);
    const answers = [
      await api.get('/v1/notes/a', bob),
      await api.get('/v1/notes/none', ada),
      await api.remove('/v1/notes/a', 1, bob),
    ];
    expect(answers.map(({ status, body }) => [status, body.current])).toEqual(Array(3).fill([503, undefined]));
    expect(failures).toEqual(Array(3).fill(new Error('no permissions at hand')));
  });
});
