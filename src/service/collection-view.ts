import { Observable } from 'rxjs';
import type { ISyncEntity } from '../core/entity.ts';
import { assertCollection, assertEntityId } from '../core/entity-input.ts';
import { SyncError, type SyncErrorInfo } from '../core/errors.ts';
import { toBase } from '../outbox/verdict.ts';
import { viewOf } from '../store/entity-state.ts';
import type { Collection, CollectionChange } from './collection.ts';
import type { Engine } from './engine.ts';
import { createLiveQuery, type QuerySource } from './live-query.ts';
import type { LocalWrite } from './local-writes.ts';
import { entityStatus } from './operation-view.ts';
import { pullCollection } from './pulling.ts';

interface Entity extends ISyncEntity {
  [field: string]: unknown;
}

/** One collection over the engine. Untyped inside: its type is the caller's claim about the data. */
export function createCollectionView(engine: Engine, name: string): Collection<Entity> {
  assertCollection(name);
  const { replica, writes, observers, outbox } = engine;
  let sorted: { readonly version: number; readonly list: readonly Entity[] } | null = null;

  function* all(): Generator<Entity> {
    const waiting = writes.waiting(name);
    for (const entity of waiting?.values() ?? []) if (entity) yield entity as Entity;
    for (const slot of replica.slots(name)) {
      const view = waiting?.has(slot.id) ? null : viewOf(slot.state);
      if (view) yield view as Entity;
    }
  }

  function list(): readonly Entity[] {
    const version = observers.version(name);
    if (sorted?.version !== version) {
      sorted = { version, list: [...all()].sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1)) };
    }
    return sorted.list;
  }

  function begin(): void {
    engine.start();
    engine.follow(name);
  }

  const get = (id: string) => (writes.read(name, id) ?? undefined) as Entity | undefined;
  const source: QuerySource = {
    all,
    version: () => observers.version(name),
    observe: (listener) => observers.observeCollection(name, listener),
  };
  const status = (id: string) => entityStatus(replica.find(name, id), outbox);
  const written = (run: () => LocalWrite) => {
    engine.assertOpen();
    begin();
    return run() as LocalWrite & { entity: Entity | null; synced: Promise<Entity | null> };
  };
  const observable = <T>(attach: (next: (value: T) => void) => () => void) =>
    new Observable<T>((subscriber) => {
      begin();
      return attach((value) => subscriber.next(value));
    });

  return {
    get,
    has: (id) => get(id) !== undefined,
    list,
    count: () => list().length,
    put: (entity) => written(() => writes.put(name, entity)),
    patch: (id, change) => written(() => writes.patch(name, id, change)),
    delete: (id) => written(() => writes.delete(name, id)),
    entity$: (id) =>
      observable((next) => {
        next(get(id));
        return observers.observeEntity(name, id, (entity) => next((entity ?? undefined) as Entity | undefined));
      }),
    all$: () =>
      observable((next) => {
        next(list());
        return observers.observeCollection(name, () => next(list()));
      }),
    changes$: observable((next) =>
      observers.observeCollection(name, (changes) => next(changes as CollectionChange<Entity>)),
    ),
    status,
    status$: (id) =>
      observable((next) => {
        let last = status(id);
        next(last);
        const tell = () => {
          const now = status(id);
          if (now !== last) next((last = now));
        };
        return observers.observeStatus(name, id, tell);
      }),
    query(options) {
      const query = createLiveQuery(source, options as Parameters<typeof createLiveQuery>[1]);
      return {
        get: () => query.get() as readonly Entity[],
        result$: observable((next) => {
          const subscription = query.result$.subscribe((rows) => next(rows as readonly Entity[]));
          return () => subscription.unsubscribe();
        }),
      };
    },
    async load(id) {
      assertEntityId(name, id);
      engine.assertOpen();
      begin();
      await engine.ready;
      const slot = replica.slot(name, id);
      const fetched = await engine.fetcher.fetch(slot);
      if (fetched.type === 'failed') throw failure(fetched.verdict.error, name, id);
      engine.send({ type: 'backend.answered' });
      await engine.commitStep(slot, { type: 'receive', base: fetched.base, trusted: true }, 'remote');
      return get(id);
    },
    async pull() {
      engine.assertOpen();
      begin();
      await pullCollection(engine, name);
    },
    receive(records) {
      engine.assertOpen();
      begin();
      const versionOptional = engine.settings.isCompared(name);
      const changes = records.map((record, index) => {
        const id = record?.entity?.id;
        const base =
          typeof id === 'string' ? toBase({ collection: name, entityId: id, versionOptional }, record) : null;
        if (!base || id === undefined) {
          throw new SyncError(
            'invalid-entity',
            `Record ${index} is no ServerRecord: it needs an entity with an id, and a version.`,
            {
              collection: name,
              path: `/${index}`,
            },
          );
        }
        assertEntityId(name, id);
        return { id, base };
      });
      void engine.ready
        .then(() => engine.commit([{ type: 'feed', collection: name, changes }], 'remote'))
        .catch(() => undefined);
    },
  };
}

function failure(error: SyncErrorInfo, collection: string, entityId: string): SyncError {
  return new SyncError(error.code, error.message, { collection, entityId, status: error.status });
}
