import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Observable, Subject } from 'rxjs';
import { createSyncService, type ApiClient, type Environment, type KeyValueStorage } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

/** Everything a service could touch, each touch noted by name. */
function createTouchedWorld(world: ServiceWorld): {
  touched: string[];
  api: ApiClient;
  storage: KeyValueStorage;
  environment: Environment;
} {
  const touched: string[] = [];
  const noted = <T extends object>(name: string, of: T): T =>
    new Proxy(of, {
      get(target, key, receiver) {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          touched.push(`${name}.${String(key)}`);
          return (value as (...all: unknown[]) => unknown).apply(target, given);
        };
      },
    });
  const notedStream = <T>(name: string, of: Observable<T>) =>
    new Observable<T>((subscriber) => {
      touched.push(name);
      return of.subscribe(subscriber);
    });
  const { environment } = world;
  return {
    touched,
    api: noted('api', world.backend.apiClient),
    storage: noted('storage', createMemoryStorage()),
    environment: {
      ...environment,
      clock: noted('clock', environment.clock),
      network: { onLine: true, changes$: notedStream('network.changes$', environment.network.changes$) },
      page$: notedStream('page$', environment.page$),
    },
  };
}

describe('the start of a service', () => {
  let world: ServiceWorld;
  beforeEach(() => {
    world = createServiceWorld();
  });
  afterEach(async () => {
    await world.closeAll();
    vi.restoreAllMocks();
  });

  it('S44 creating, looking into its parts and naming a collection touch nothing', async () => {
    const { touched, api, storage, environment } = createTouchedWorld(world);
    const sync = createSyncService(api, { storage, environment, collections: { tasks: {} } });
    const { realTime, queue, conflicts } = sync;
    const tasks = sync.collection('tasks');
    void [realTime.state$, queue.operations$, conflicts.records$, sync.state$, sync.events$, sync.actor];
    void [tasks.all$(), tasks.changes$, tasks.entity$('1'), tasks.status$('1'), tasks.query({ limit: 1 }).result$];
    await world.settle();
    expect({ touched: touched.filter((each) => each !== 'clock.now'), timers: world.clock.pending() }).toEqual({
      touched: [],
      timers: 0,
    });
  });

  it('S44 creating with the defaults sets no timer and no listener of the platform', () => {
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
    const channels = vi.spyOn(globalThis, 'BroadcastChannel');
    const fetched = vi.spyOn(globalThis, 'fetch');
    createSyncService(world.backend.apiClient);
    expect([...timers, channels, fetched].map((spy) => spy.mock.calls)).toEqual([[], [], [], []]);
  });

  it.each<[string, (sync: ReturnType<ServiceWorld['create']>) => unknown]>([
    ['isOnline', (sync) => sync.isOnline()],
    ['getSnapshot', (sync) => sync.getSnapshot()],
    ['subscribe', (sync) => sync.subscribe(() => undefined)],
    ['state$', (sync) => sync.state$.subscribe()],
    ['events$', (sync) => sync.events$.subscribe()],
    ['ready', (sync) => sync.ready],
    ['start', (sync) => sync.start()],
    ['enableRealTime', (sync) => sync.enableRealTime()],
    ['pause', (sync) => sync.pause()],
    ['put', (sync) => sync.collection('tasks').put({ id: '1' })],
    ['get', (sync) => sync.collection('tasks').get('1')],
    ['list', (sync) => sync.collection('tasks').list()],
    ['count', (sync) => sync.collection('tasks').count()],
    ['status', (sync) => sync.collection('tasks').status('1')],
    ['query().get', (sync) => sync.collection('tasks').query().get()],
    ['all$', (sync) => sync.collection('tasks').all$().subscribe()],
    ['entity$', (sync) => sync.collection('tasks').entity$('1').subscribe()],
    ['changes$', (sync) => sync.collection('tasks').changes$.subscribe()],
    ['realTime.subscribe', (sync) => sync.realTime.subscribe('tasks', () => undefined)],
    ['realTime.state$', (sync) => sync.realTime.state$.subscribe()],
    ['operations$', (sync) => sync.queue.operations$.subscribe()],
    ['queue.list', (sync) => sync.queue.list()],
    ['queue.get', (sync) => sync.queue.get('1')],
    ['queue.parked', (sync) => sync.queue.parked()],
    ['queue.size', (sync) => sync.queue.size],
    ['conflicts.list', (sync) => sync.conflicts.list()],
    ['conflicts.get', (sync) => sync.conflicts.get('1')],
    ['disableRealTime', (sync) => sync.disableRealTime()],
    ['realTime.disconnect', (sync) => sync.realTime.disconnect()],
    ['records$', (sync) => sync.conflicts.records$.subscribe()],
  ])('S44 the service starts with the first call or subscription: %s', async (_, call) => {
    const sync = world.create();
    call(sync);
    expect(sync.actor.getSnapshot().status).toBe('active');
    await world.advance(10_000);
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online' });
    expect(sync.isOnline()).toBe(true);
  });

  it.each([true, false])(
    'S26 S44 knows at its start that the network came or went since its creation: %j',
    async (onLine) => {
      world.setOnLine(!onLine);
      const sync = world.create();
      world.setOnLine(onLine);
      await sync.ready;
      await world.advance(5_000);
      expect(sync.getSnapshot().connectivity).toBe(onLine ? 'online' : 'offline');
    },
  );

  it('S44 in Node, without a storage, everything is in memory and it says so', async () => {
    const sync = createSyncService(world.backend.apiClient, { environment: world.environment });
    await sync.ready;
    const write = sync.collection('tasks').put({ id: '1', title: 'a' });
    await write.durable;
    expect(sync.getSnapshot().durable).toBe(false);
    await sync.close();
  });

  it('S45 ready means that the local data is there, and says nothing of the network', async () => {
    world.setOnLine(false);
    const sync = world.create();
    await sync.ready;
    expect({ online: sync.isOnline(), connectivity: sync.getSnapshot().connectivity }).toEqual({
      online: false,
      connectivity: 'offline',
    });
  });

  it('S15 every call is legal before ready, shows at once and counts as pending', async () => {
    const sync = world.create();
    const tasks = sync.collection('tasks');
    const seen: unknown[] = [];
    tasks.status$('1').subscribe((status) => seen.push(status));
    const put = tasks.put({ id: '1', title: 'a' });
    const patch = tasks.patch('1', { title: 'b' });
    tasks.put({ id: '2', title: 'c' });
    tasks.delete('2');
    expect({
      one: tasks.get('1')?.title,
      two: tasks.get('2'),
      list: tasks.list().map(({ id }) => id),
      count: tasks.count(),
      status: [tasks.status('1'), tasks.status('3')],
      ids: [typeof put.operationId, typeof patch.operationId],
    }).toEqual({
      one: 'b',
      two: undefined,
      list: ['1'],
      count: 1,
      status: ['pending', 'unknown-entity'],
      ids: ['string', 'string'],
    });
    await sync.flush();
    await world.settle();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'b' });
    expect(seen.at(0)).toBe('unknown-entity');
    expect(seen).toContain('pending');
    expect(seen.at(-1)).toBe('synced');
  });

  it('S40 pull() without changes() rejects with unsupported, with collections and without', async () => {
    world = createServiceWorld({ changes: false });
    const sync = await world.open();
    await expect(sync.pull()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(sync.collection('tasks').pull()).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('S41 pull() as the first call reads the feeds of what is stored', async () => {
    const first = await world.open();
    first.collection('tasks').put({ id: '1', title: 'a' });
    await first.flush();
    await first.close();
    world.backend.edit('tasks', '2', { title: 'theirs' });
    const second = world.create();
    await second.pull();
    expect(second.collection('tasks').get('2')).toMatchObject({ title: 'theirs' });
  });

  it('refuses options that cannot work, by their name', () => {
    const { apiClient } = world.backend;
    const refused = (options: object) => {
      try {
        createSyncService(apiClient, options as never);
        return 'accepted';
      } catch (error) {
        const { code, path } = error as { code: string; path: string };
        return `${code} ${path}`;
      }
    };
    expect([
      refused({ order: 'random' }),
      refused({ conflict: 'newest' }),
      refused({ collections: { tasks: { conflict: 'newest' } } }),
      refused({ collections: { tasks: { fields: { '/title': 'longest' } } } }),
      refused({ collections: { tasks: { fields: { title: 'union' } } } }),
      refused({ collections: { tasks: { detectConflicts: 'never' } } }),
      refused({ collections: { tasks: { pullLimit: 0 } } }),
      refused({ batchSize: 0 }),
      refused({ concurrency: 1.5 }),
      refused({ requestTimeoutMs: Number.NaN }),
      refused({ pullIntervalMs: -1 }),
      refused({ retry: { baseMs: 0 } }),
      refused({ storage: { getItem: () => null } }),
      refused({ name: 7 }),
      refused({ user: null }),
    ]).toEqual([
      'invalid-option /order',
      'invalid-option /conflict',
      'invalid-option /collections/tasks/conflict',
      'invalid-option /collections/tasks/fields',
      'invalid-option /collections/tasks',
      'invalid-option /collections/tasks/detectConflicts',
      'invalid-option /collections/tasks/pullLimit',
      'invalid-option /batchSize',
      'invalid-option /concurrency',
      'invalid-option /requestTimeoutMs',
      'invalid-option /pullIntervalMs',
      'invalid-option /retry/baseMs',
      'invalid-option /storage',
      'invalid-option /name',
      'invalid-option /user',
    ]);
    expect(() => createSyncService({} as ApiClient)).toThrow(/get/);
  });

  it('a signal of the platform that comes after the close reaches nobody', async () => {
    const page$ = new Subject<'visible'>();
    const sync = createSyncService(world.backend.apiClient, {
      storage: world.storage,
      environment: { ...world.environment, page$ },
    });
    await sync.ready;
    expect(page$.observed).toBe(true);
    await sync.close();
    expect({ observed: page$.observed, timers: world.clock.pending() }).toEqual({ observed: false, timers: 0 });
  });
});
