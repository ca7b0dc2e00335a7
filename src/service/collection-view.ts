import type { Observable } from 'rxjs';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { assertCollection, assertEntityId } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { freezeJson } from '../core/freeze-json.ts';
import { toBase } from '../outbox/told-base.ts';
import { viewOf } from '../store/entity-state.ts';
import type { Collection, CollectionChange, EntityStatus, LiveQuery, QueryOptions } from './collection.ts';
import type { Engine } from './engine.ts';
import { createLiveQuery, type QuerySource } from './live-query.ts';
import type { LocalWrite } from './local-writes.ts';
import { entityStatus } from './operation-view.ts';
import { pullCollection } from './pulling.ts';
import { serviceStream, valueStream } from './service-stream.ts';
import { validateEntity } from './validate.ts';

interface Entity extends ISyncEntity {
  [field: string]: unknown;
}

/** One collection over the engine. Untyped inside: its type is the caller's claim about the data. */
export function createCollectionView(engine: Engine, name: string): Collection<Entity> {
  assertCollection(name);
  const { replica, writes, observers, outbox } = engine;

  function* all(): Generator<Entity> {
    const waiting = writes.waiting(name);
    for (const entity of waiting?.values() ?? []) if (entity) yield freezeJson(entity) as Entity;
    for (const slot of replica.slots(name)) {
      const view = waiting?.has(slot.id) ? null : viewOf(slot.state);
      if (view) yield freezeJson(view) as Entity;
    }
  }

  function begin(): void {
    engine.start();
    engine.follow(name);
  }

  /** What streams start. */
  const followed = { start: begin, whenClosed: engine.whenClosed };

  function get(id: string): Entity | undefined {
    engine.start();
    return (writes.read(name, id) ?? undefined) as Entity | undefined;
  }

  function status(id: string): EntityStatus {
    engine.start();
    return writes.waiting(name)?.has(id) ? 'pending' : entityStatus(replica.find(name, id), outbox);
  }

  const source: QuerySource = {
    all,
    version: () => observers.version(name) + replica.version(name),
    isTold: () => observers.isTold(name),
    observe: (listener) => observers.observeCollection(name, listener),
  };

  function live(options?: QueryOptions<Entity>): LiveQuery<Entity> & { size(): number } {
    const query = createLiveQuery(source, options as QueryOptions<ISyncEntity>);
    return {
      get() {
        engine.start();
        return query.get() as readonly Entity[];
      },
      size() {
        engine.start();
        return query.size();
      },
      result$: serviceStream<readonly Entity[]>(followed, (subscriber) =>
        (query.result$ as Observable<readonly Entity[]>).subscribe(subscriber),
      ),
    };
  }

  function validate({ entity }: Base): void {
    if (entity) validateEntity(name, entity, engine.settings.collection(name).schema);
  }

  const everything = live();

  const written = (run: () => LocalWrite) => {
    engine.assertOpen();
    begin();
    return run() as LocalWrite & { entity: Entity | null; synced: Promise<Entity | null> };
  };

  return {
    get,
    has: (id) => get(id) !== undefined,
    list: everything.get,
    count: everything.size,
    put: (entity) => written(() => writes.put(name, entity)),
    patch: (id, change) => written(() => writes.patch(name, id, change)),
    delete: (id) => written(() => writes.delete(name, id)),
    entity$: (id) =>
      valueStream<Entity | undefined>(
        followed,
        () => get(id),
        (tell) => observers.observeEntity(name, id, (entity) => tell((entity ?? undefined) as Entity | undefined)),
      ),
    all$: () => everything.result$,
    changes$: serviceStream<CollectionChange<Entity>>(followed, (subscriber) =>
      observers.observeCollection(name, (changes) => subscriber.next(changes as CollectionChange<Entity>)),
    ),
    status,
    status$: (id) =>
      valueStream<EntityStatus>(
        followed,
        () => status(id),
        (tell) => observers.observeStatus(name, id, () => tell(status(id))),
      ),
    query(options) {
      const { get: read, result$ } = live(options);
      return { get: read, result$ };
    },
    async load(id) {
      assertEntityId(name, id);
      engine.assertOpen();
      begin();
      await engine.ready;
      await engine.request({ type: 'load', collection: name, id });
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
        validate(base);
        return { id, base };
      });
      const take = () => engine.commit([{ type: 'feed', collection: name, changes }], 'remote');
      const taken = engine.isReady ? take() : engine.ready.then(take);
      taken.catch(() => undefined);
      return taken;
    },
  };
}
