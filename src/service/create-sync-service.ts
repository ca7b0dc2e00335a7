import { checkOptionsOf } from '../core/option-checks.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { Collection } from './collection.ts';
import { createCollectionView } from './collection-view.ts';
import { createConflictsView } from './conflicts-view.ts';
import { createEngine } from './create-engine.ts';
import type { SyncEvent } from './events.ts';
import type { SyncOptions } from './options.ts';
import { assertPullable, pullCollection } from './pulling.ts';
import { createQueueView } from './queue-view.ts';
import { createRealTimeView } from './real-time-view.ts';
import { readSettings } from './settings.ts';
import { serviceStream, valueStream } from './service-stream.ts';
import { signOut } from './sign-out.ts';
import type { SyncState } from './state.ts';
import { awaitWrite, writeChecks } from './sync-entity.ts';
import type { AnyCollections, Collections, ISyncService } from './sync-service.ts';
import { flush, whenSynced } from './waiting.ts';

/**
 * A synchronisation service over a backend. Creating it costs and touches nothing: it starts with the first call or
 * subscription, and every call is legal at once (S15, S44).
 *
 * Throws {@link SyncError} `invalid-option` that names the option.
 *
 * @example
 * const sync = createSyncService<{ tasks: Task }>(createHttpApiClient({ url: 'http://localhost:3000' }));
 * sync.collection('tasks').put({ id: '1', title: 'Write it down' });
 */
export function createSyncService<C extends Collections<C> = AnyCollections>(
  apiClient: ApiClient,
  options: SyncOptions = {},
): ISyncService<C> {
  return createUntyped(apiClient, options) as unknown as ISyncService<C>;
}

function createUntyped(apiClient: ApiClient, options: SyncOptions): ISyncService<AnyCollections> {
  const engine = createEngine(apiClient, readSettings(apiClient, options), options.inspect);
  const { status, events$ } = engine;
  const views = new Map<string, ReturnType<typeof createCollectionView>>();

  function view(name: string): ReturnType<typeof createCollectionView> {
    let found = views.get(name);
    if (!found) views.set(name, (found = createCollectionView(engine, name)));
    return found;
  }

  /** A call of the app: the service runs from here on. */
  function begin(): void {
    engine.assertOpen();
    engine.start();
  }

  function getSnapshot(): SyncState {
    engine.start();
    return status.getSnapshot();
  }

  const changes$ = serviceStream<SyncState>(engine, (subscriber) =>
    status.subscribe((state) => subscriber.next(state)),
  );
  const state$ = valueStream<SyncState>(engine, getSnapshot, status.subscribe);

  const service: Omit<ISyncService<AnyCollections>, typeof Symbol.observable> = {
    async syncEntity(collection, entity, writeOptions = {}) {
      checkOptionsOf('syncEntity', writeOptions, writeChecks);
      begin();
      const write = engine.writes.put(collection, entity);
      engine.follow(collection);
      const entityId = (write.entity ?? entity).id as string;
      return awaitWrite(engine, { collection, entityId }, write, writeOptions) as Promise<never>;
    },
    async deleteEntity(collection, id, writeOptions = {}) {
      checkOptionsOf('deleteEntity', writeOptions, writeChecks);
      begin();
      const write = engine.writes.delete(collection, id);
      engine.follow(collection);
      await awaitWrite(engine, { collection, entityId: id }, write, writeOptions);
    },
    collection: (name) => view(name) as unknown as Collection<never>,
    batch(run) {
      begin();
      return engine.observers.together(() => engine.writes.together(run));
    },
    isOnline: () => getSnapshot().connectivity === 'online',
    enableRealTime() {
      begin();
      engine.wantRealTime(true);
    },
    disableRealTime() {
      engine.start();
      engine.wantRealTime(false);
    },
    realTime: createRealTimeView(engine),
    queue: createQueueView(engine),
    conflicts: createConflictsView(engine),
    getSnapshot,
    subscribe(listener) {
      const subscription = changes$.subscribe(listener);
      return () => subscription.unsubscribe();
    },
    state$,
    events$: serviceStream<SyncEvent>(engine, (subscriber) => events$.subscribe(subscriber)),
    start: begin,
    get ready() {
      engine.start();
      return engine.ready;
    },
    async pull() {
      begin();
      assertPullable(engine);
      await engine.ready;
      await Promise.all(engine.following.collections().map((name) => pullCollection(engine, name)));
    },
    async flush(waitOptions = {}) {
      begin();
      await flush(engine, waitOptions);
    },
    async whenSynced(collection, id, waitOptions = {}) {
      begin();
      await whenSynced(engine, collection, id, waitOptions);
    },
    pause() {
      begin();
      engine.call('app.pause');
    },
    resume() {
      begin();
      engine.call('app.resume');
    },
    authRenewed() {
      begin();
      engine.call('auth.renew');
    },
    async signOut({ pending = 'keep' } = {}) {
      begin();
      return signOut(engine, pending);
    },
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine.close(),
    actor: engine.actor,
  };
  return Object.assign(service, { [observableSymbol]: () => state$ }) as unknown as ISyncService<AnyCollections>;
}

/** What RxJS asks an object for in `from(service)`. */
const observableSymbol = (Symbol as { readonly observable?: symbol }).observable ?? '@@observable';
