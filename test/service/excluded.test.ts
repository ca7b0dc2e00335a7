import { afterEach, describe, expect, it } from 'vitest';
import {
  createSyncService,
  RejectedError,
  type ISyncService,
  type KeyValueStorage,
  type SyncOptions,
} from '../../src/index.ts';
import { loseAnswer, loseRequest } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld, watch, type ServiceWorld, type ServiceWorldOptions } from '../support/service-world.ts';

const options: SyncOptions = { collections: { users: { exclude: ['/pin', '/card/number', '/keys/0/secret'] } } };
const canary = /canary/i;

let world: ServiceWorld;
let dump: string[];
afterEach(async () => {
  await world.closeAll();
  expect(dump.filter((text) => canary.test(text))).toEqual([]);
  expect(dump.length).toBeGreaterThan(0);
});

/** A storage that keeps a copy of everything that was ever written to it. */
function recorded(storage: KeyValueStorage): KeyValueStorage {
  return {
    getItem: (key) => storage.getItem(key),
    setItem: (key, value) => {
      dump.push(`${key} ${JSON.stringify(value)}`);
      return storage.setItem(key, value);
    },
    removeItem: (key) => storage.removeItem(key),
    keys: () => storage.keys(),
    clear: () => storage.clear(),
  };
}

function start(given: ServiceWorldOptions = {}): ServiceWorld {
  dump = [];
  world = createServiceWorld({ storage: recorded(createPlannedStorage()), ...given });
  return world;
}

const user = (more: Record<string, unknown> = {}) => ({
  id: 'u',
  name: 'Ada',
  pin: 'canary-pin',
  card: { owner: 'Ada', number: 'canary-number' },
  keys: [{ id: 'k', secret: 'canary-key' }],
  ...more,
});
const secretsOf = (entity: unknown) => {
  const { pin, card, keys } = (entity ?? {}) as Partial<ReturnType<typeof user>>;
  return { pin, number: card?.number, key: keys?.[0]?.secret };
};
const allSecrets = { pin: 'canary-pin', number: 'canary-number', key: 'canary-key' };
const noSecrets = { pin: undefined, number: undefined, key: undefined };
const reopen = async (sync: ISyncService, more: SyncOptions = {}) => {
  await sync.close();
  return world.open({ ...options, ...more });
};

describe('excluded fields', () => {
  it('S32 are shown and sent, and never stored', async () => {
    start();
    const sync = await world.open(options);
    const write = sync.collection('users').put(user());
    expect(secretsOf(sync.collection('users').get('u'))).toEqual(allSecrets);
    expect(secretsOf(await write.synced)).toEqual(allSecrets);
    await sync.collection('users').patch('u', { card: { owner: 'B', number: 'canary-2' } }).synced;
    expect(secretsOf(world.backend.entity('users', 'u'))).toEqual({ ...allSecrets, number: 'canary-2' });
    const again = await reopen(sync);
    expect(again.collection('users').get('u')).toMatchObject({ name: 'Ada', card: { owner: 'B' } });
    expect(secretsOf(again.collection('users').get('u'))).toEqual(noSecrets);
  });

  it('G17 are in no page, seal, conflict record, resolution or held back state', async () => {
    start();
    const sync = await world.open({
      collections: { users: { exclude: ['/pin', '/card/number'], conflict: 'manual' } },
    });
    const users = sync.collection('users');
    await users.put(user({ keys: [] })).synced;
    world.backend.once('update', loseRequest);
    users.patch('u', { pin: 'canary-pin-2', name: 'B' });
    await world.settle();
    world.backend.edit('users', 'u', user({ keys: [], name: 'C', pin: 'canary-theirs' }));
    await world.advance(60_000);
    expect(users.status('u')).toBe('conflicted');
    const [conflict] = sync.conflicts.list();
    expect([conflict?.local, conflict?.remote].map((side) => (side as unknown as { pin: string }).pin)).toEqual([
      'canary-pin-2',
      'canary-theirs',
    ]);
    for (let round = 0; round < 6; round += 1)
      users.put({ id: `large-${round}`, name: 'x'.repeat(300_000), pin: `canary-${round}` });
    await world.advance(10_000);
    await sync.conflicts.resolve(conflict?.id ?? '', 'local');
    await world.runUntil(() => sync.queue.size === 0);
    expect(world.backend.entity('users', 'u')).toMatchObject({ pin: 'canary-pin-2', name: 'B' });
    for (let round = 0; round < 6; round += 1) users.patch(`large-${round}`, { name: 'y'.repeat(300_000) });
    await world.advance(10_000);
    expect(dump.some((line) => line.includes('/page/'))).toBe(true);
    for (const step of ['seal', 'conflict', 'resolve', 'settle'])
      expect([step, dump.some((line) => line.includes(`\\"type\\":\\"${step}`))]).toEqual([step, true]);
    const again = await reopen(sync);
    expect(again.conflicts.list()).toMatchObject([{ status: 'resolved', local: { name: 'B' }, remote: { name: 'C' } }]);
  });

  it('G17 are not stored where the backend repeats them in a refusal', async () => {
    start();
    const sync = await world.open(options);
    world.backend.once('create', () => {
      throw new RejectedError({ status: 422, message: 'canary-pin is too short', detail: { pin: 'canary-pin' } });
    });
    await sync
      .collection('users')
      .put(user())
      .synced.catch(() => undefined);
    expect(sync.queue.parked()).toMatchObject([{ error: { status: 422, detail: { pin: 'canary-pin' } } }]);
    const again = await reopen(sync);
    expect(again.queue.parked()).toMatchObject([{ error: { code: 'rejected', status: 422 } }]);
  });

  it('S32 parks after a restart what changed one, for the app to edit', async () => {
    start();
    const sync = await world.open(options);
    sync.pause();
    const users = sync.collection('users');
    await users.put(user()).durable;
    await users.put({ id: 'plain', name: 'B' }).durable;
    const again = await reopen(sync);
    await again.flush();
    expect(world.backend.entity('users', 'plain')).toEqual({ id: 'plain', name: 'B' });
    const [parked] = again.queue.parked();
    expect(parked).toMatchObject({ entityId: 'u', status: 'parked', error: { code: 'excluded-lost' } });
    expect(parked?.error?.message).toContain('/pin');
    expect(world.backend.writes().length).toBe(1);
    await again.queue.edit(parked?.id ?? '', user());
    await again.flush();
    expect(world.backend.entity('users', 'u')).toEqual(user());
    expect(again.queue.size).toBe(0);
  });

  it('S32 parks after a restart also what another change was folded over', async () => {
    start();
    const sync = await world.open(options);
    const users = sync.collection('users');
    await users.put(user()).synced;
    await sync.pull();
    sync.pause();
    await users.patch('u', { pin: 'canary-new' }).durable;
    world.backend.edit('users', 'u', user({ name: 'theirs' }));
    await sync.pull();
    await world.settle();
    expect(users.get('u')).toMatchObject({ name: 'theirs', pin: 'canary-new' });
    const again = await reopen(sync);
    await again.flush();
    expect(again.queue.parked()).toMatchObject([{ entityId: 'u', error: { code: 'excluded-lost' } }]);
    expect(world.backend.entity('users', 'u')).toMatchObject({ name: 'theirs', pin: 'canary-pin' });
  });

  it('S32 fetches and fills them before it sends a whole entity', async () => {
    start();
    const sync = await world.open(options);
    await sync.collection('users').put(user()).synced;
    const again = await reopen(sync);
    const write = again.collection('users').patch('u', { name: 'B' });
    expect(await write.synced).toMatchObject({ name: 'B' });
    expect(secretsOf(world.backend.entity('users', 'u'))).toEqual(allSecrets);
    expect(secretsOf(again.collection('users').get('u'))).toEqual(allSecrets);
    expect(world.backend.writes().at(-1)?.content).toMatchObject({ patch: [{ op: 'replace', path: '/name' }] });
    expect(again.conflicts.list()).toEqual([]);
  });

  it.each([true, false])(
    'S32 fills them into a request that was sealed before the restart (idempotent: %s)',
    async (idempotent) => {
      start({ idempotent });
      const sync = await world.open(options);
      await sync.collection('users').put(user()).synced;
      world.backend.once('update', loseAnswer);
      sync.collection('users').patch('u', { name: 'B' });
      await world.settle();
      const again = await reopen(sync);
      await world.runUntil(() => again.queue.size === 0);
      expect(world.backend.entity('users', 'u')).toEqual(user({ name: 'B' }));
      expect(again.conflicts.list()).toEqual([]);
      expect(new Set(world.backend.effects).size).toBe(2);
    },
  );

  it('S32 merges with what others changed meanwhile', async () => {
    start();
    const sync = await world.open(options);
    await sync.collection('users').put(user()).synced;
    await sync.pull();
    sync.pause();
    await sync.collection('users').patch('u', { name: 'B' }).durable;
    world.backend.edit('users', 'u', user({ pin: 'canary-theirs', mail: 'x' }));
    const again = await reopen(sync);
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.entity('users', 'u')).toEqual(user({ name: 'B', pin: 'canary-theirs', mail: 'x' }));
  });

  it('S32 takes the local one where it was written anew after the restart', async () => {
    start();
    const sync = await world.open(options);
    await sync.collection('users').put(user()).synced;
    const again = await reopen(sync);
    const write = again.collection('users').patch('u', { pin: 'canary-anew' });
    expect(await write.synced).toMatchObject({ pin: 'canary-anew', card: { number: 'canary-number' } });
    expect(again.conflicts.list()).toEqual([]);
  });

  it('S32 brings them back with load()', async () => {
    start();
    const sync = await world.open(options);
    await sync.collection('users').put(user()).synced;
    const again = await reopen(sync);
    expect(secretsOf(await again.collection('users').load('u'))).toEqual(allSecrets);
  });

  it('S32 deletes without fetching anything', async () => {
    start();
    const sync = await world.open(options);
    await sync.collection('users').put(user()).synced;
    const again = await reopen(sync);
    await again.collection('users').delete('u').synced;
    expect(world.backend.calls.filter(({ method }) => method === 'get')).toEqual([]);
    expect(world.backend.record('users', 'u')).toMatchObject({ deleted: true });
  });

  it('S14 stay with put() and go with patch()', async () => {
    start();
    const sync = await world.open(options);
    const users = sync.collection('users');
    await users.put(user()).synced;
    await users.put({ id: 'u', name: 'B', card: { owner: 'B' } }).synced;
    expect(world.backend.entity('users', 'u')).toEqual(
      user({ name: 'B', card: { owner: 'B', number: 'canary-number' } }),
    );
    await users.patch('u', { pin: undefined }).synced;
    await users.patch('u', (current: object) => ({ ...current, keys: undefined })).synced;
    expect(secretsOf(world.backend.entity('users', 'u'))).toEqual({ ...noSecrets, number: 'canary-number' });
  });

  it('S32 refuses to exclude what an entity cannot be stored without', () => {
    start();
    dump.push('');
    for (const pointer of ['', '/id', '/updatedAt', '/version', 'pin', '/*', '/*/pin']) {
      const create = () =>
        createSyncService(world.backend.apiClient, { collections: { users: { exclude: [pointer] } } });
      expect(create).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
  });

  it('G17 covers fields named by a number, whole arrays by any row, and what has a telling name', async () => {
    start();
    const exclude = ['/2024/pin', '/7', '/rows/*/pin', '/secrets'];
    const sync = await world.open({ collections: { users: { exclude, conflict: 'manual' } } });
    const users = sync.collection('users');
    const entity = (secret: string) => ({
      id: 'u',
      name: 'Ada',
      2024: { pin: secret, tax: 1 },
      7: secret,
      rows: [{ id: 'r', pin: secret }],
      secrets: { canaryName: secret },
    });
    await users.put(entity('canary-1')).synced;
    sync.pause();
    await users.put(entity('canary-2')).durable;
    world.backend.edit('users', 'u', entity('canary-3'));
    sync.resume();
    await world.runUntil(() => users.status('u') === 'conflicted');
    const [conflict] = sync.conflicts.list();
    expect(conflict?.paths.toSorted()).toEqual(['/2024/pin', '/7', '/rows/0/pin', '/secrets/canaryName']);
    await sync.conflicts.resolve(conflict?.id ?? '', 'local');
    await world.runUntil(() => sync.queue.size === 0);
    expect(world.backend.entity('users', 'u')).toEqual(entity('canary-2'));
    await sync.close();
    const again = await world.open({ collections: { users: { exclude } } });
    expect(again.collection('users').get('u')).toMatchObject({ name: 'Ada', 2024: { tax: 1 } });
    expect(again.conflicts.list()[0]?.paths.toSorted()).toEqual(['/2024/pin', '/7', '/rows', '/secrets']);
  });

  it('S32 parks an entity in conflict after a restart when its side changed one, and opens the conflict again when that is edited', async () => {
    start();
    const manual: SyncOptions = { collections: { users: { exclude: ['/pin'], conflict: 'manual' } } };
    const sync = await world.open(manual);
    const users = sync.collection('users');
    const plain = (more: object) => ({ id: 'u', name: 'Ada', pin: 'canary-base', ...more });
    await users.put(plain({})).synced;
    sync.pause();
    await users.patch('u', { name: 'mine', pin: 'canary-mine' }).durable;
    world.backend.edit('users', 'u', plain({ name: 'theirs' }));
    sync.resume();
    await world.runUntil(() => users.status('u') === 'conflicted');
    const again = await reopen(sync, manual);
    await world.advance(60_000);
    const [parked] = again.queue.parked();
    expect(parked).toMatchObject({ entityId: 'u', error: { code: 'excluded-lost' } });
    expect(world.backend.entity('users', 'u')).toEqual(plain({ name: 'theirs' }));
    await again.queue.edit(parked?.id ?? '', plain({ name: 'mine', pin: 'canary-again' }));
    await world.runUntil(() => again.collection('users').status('u') === 'conflicted');
    const open = again.conflicts.list().find(({ status }) => status === 'open');
    expect(open).toMatchObject({ local: { pin: 'canary-again' }, paths: ['/name'] });
    await again.conflicts.resolve(open?.id ?? '', 'local');
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.entity('users', 'u')).toEqual(plain({ name: 'mine', pin: 'canary-again' }));
  });

  it('S32 keeps an open conflict open over a restart when neither side changed one, and resolves it with the values of the backend', async () => {
    start();
    const manual: SyncOptions = { collections: { users: { exclude: ['/pin'], conflict: 'manual' } } };
    const sync = await world.open(manual);
    const users = sync.collection('users');
    await users.put({ id: 'u', name: 'Ada', pin: 'canary-base' }).synced;
    sync.pause();
    await users.patch('u', { name: 'mine' }).durable;
    world.backend.edit('users', 'u', { id: 'u', name: 'theirs', pin: 'canary-theirs' });
    sync.resume();
    await world.runUntil(() => users.status('u') === 'conflicted');
    const again = await reopen(sync, manual);
    await world.advance(60_000);
    const [open] = again.conflicts.list();
    expect([open?.status, again.queue.parked()]).toEqual(['open', []]);
    await again.conflicts.resolve(open?.id ?? '', 'local');
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.entity('users', 'u')).toEqual({ id: 'u', name: 'mine', pin: 'canary-theirs' });
  });

  describe('that were stored before they were excluded', () => {
    const storage = createPlannedStorage();
    const telling = () => [...storage.items].filter((item) => canary.test(JSON.stringify(item)));
    const manifests = () =>
      storage.calls.filter((call) => call.method === 'setItem' && call.key?.includes('/manifest/'));

    /** Everything in memory is stored as pages. */
    async function storePages(): Promise<void> {
      storage.items.clear();
      world.signalPage('resumed');
      await world.advance(100);
    }

    const ways: readonly (readonly [string, string, (sync: ISyncService) => Promise<void>])[] = [
      [
        'a group of writes',
        '/journal/',
        async (sync) => {
          sync.pause();
          await sync.collection('users').put(user()).durable;
        },
      ],
      [
        'a page of entities',
        '/page/',
        async (sync) => {
          await sync.collection('users').put(user()).synced;
          await storePages();
        },
      ],
      [
        'a page with pending operations',
        '/page/',
        async (sync) => {
          await sync.collection('users').put(user({ pin: 'a', keys: [], card: {} })).synced;
          sync.pause();
          await sync.collection('users').patch('u', { pin: 'canary-pending' }).durable;
          await storePages();
        },
      ],
      [
        'the record of a conflict',
        '/manifest/',
        async (sync) => {
          const users = sync.collection('users');
          await users.put(user()).synced;
          sync.pause();
          users.patch('u', { pin: 'canary-mine' });
          world.backend.edit('users', 'u', user({ pin: 'canary-theirs' }));
          sync.resume();
          await world.runUntil(() => sync.queue.size === 0);
          await users.delete('u').synced;
          await storePages();
        },
      ],
    ];

    it.each(ways)('G17 S32 are cut out of %s at once, and once', async (_name, part, live) => {
      storage.items.clear();
      start({ storage });
      dump.push('');
      const sync = await world.open();
      await live(sync);
      await sync.close();
      expect(telling().map(([key]) => key.includes(part))).toEqual([true]);

      const again = await world.open({ ...options });
      again.pause();
      await world.advance(100);
      expect(telling()).toEqual([]);
      const left = JSON.stringify([again.collection('users').list(), again.queue.list(), again.conflicts.list()]);
      expect(left).toMatch(canary);
      const third = await reopen(again);
      const before = manifests().length;
      await reopen(third);
      await world.advance(100);
      expect(manifests().length).toBe(before);
    });
  });

  it('S27 S32 sends what is left when the app writes over a lost change, or tries it again', async () => {
    start();
    const sync = await world.open(options);
    for (const id of ['over', 'again']) await sync.collection('users').put(user({ id })).synced;
    sync.pause();
    for (const id of ['over', 'again'])
      await sync.collection('users').patch(id, { name: 'B', pin: 'canary-lost' }).durable;
    const again = await reopen(sync);
    expect(again.queue.parked().map(({ entityId, error }) => [entityId, error?.code])).toEqual([
      ['over', 'excluded-lost'],
      ['again', 'excluded-lost'],
    ]);
    again.collection('users').patch('over', { mail: 'x' });
    await again.queue.retry(again.queue.parked().find(({ entityId }) => entityId === 'again')?.id ?? '');
    await world.runUntil(() => again.queue.size === 0);
    expect(world.backend.entity('users', 'over')).toEqual(user({ id: 'over', name: 'B', mail: 'x' }));
    expect(world.backend.entity('users', 'again')).toEqual(user({ id: 'again', name: 'B' }));
  });

  it('S32 parks again after the next restart what was not edited', async () => {
    start();
    const sync = await world.open(options);
    sync.pause();
    await sync.collection('users').put(user()).durable;
    const second = await reopen(sync);
    const third = await reopen(second);
    await third.flush();
    expect(third.queue.parked()).toMatchObject([{ entityId: 'u', error: { code: 'excluded-lost' } }]);
    await third.queue.discard(third.queue.parked()[0]?.id ?? '');
    expect([third.queue.size, third.collection('users').list(), world.backend.writes()]).toEqual([0, [], []]);
  });

  it('G16 keeps what a token provider gave out of storage, events, errors and state', async () => {
    start();
    const told: unknown[] = [];
    const sync = createSyncService(world.backend.apiClient, {
      storage: world.storage,
      environment: world.environment,
      inspect: (event) => told.push(event.type === '@xstate.event' ? event.event : event.type),
    });
    world.backend.always('create', () => {
      const error = new Error('Bearer canary-token was refused');
      throw Object.assign(error, { config: { headers: { authorization: 'Bearer canary-token' } } });
    });
    sync.events$.subscribe((event) => told.push(event));
    sync.state$.subscribe((state) => told.push(state));
    const write = watch(sync.collection('tasks').put({ id: 'a' }).synced);
    await world.advance(30_000);
    told.push(write(), sync.queue.list(), await sync.queue.export());
    expect(JSON.stringify(told)).not.toMatch(canary);
    await sync.close();
  });
});
