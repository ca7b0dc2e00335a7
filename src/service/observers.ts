import type { ISyncEntity } from '../core/entity.ts';
import { createTickTask } from './tick.ts';

/** One entity of a collection, as its observers see it. */
export interface ViewChange {
  readonly id: string;
  readonly entity: ISyncEntity | null;
}

export type EntityListener = (entity: ISyncEntity | null) => void;
export type CollectionListener = (changes: readonly ViewChange[]) => void;

/**
 * Tells observers what changed, and only those it concerns. Changes of this client are told before the call that made them
 * returns, all others once per tick.
 */
export interface Observers {
  /** Returns its end. */
  observeEntity(collection: string, id: string, listener: EntityListener): () => void;
  observeCollection(collection: string, listener: CollectionListener): () => void;
  observeStatus(collection: string, id: string, listener: () => void): () => void;
  /** The view changed, and whoever changed it waits for it to be seen. */
  changedHere(collection: string, change: ViewChange): void;
  /** The view changed from outside: told at the end of the tick. */
  changedElsewhere(collection: string, id: string): void;
  statusChanged(collection: string, id: string): void;
  /** Grows with every change of a view in the collection that was told here. */
  version(collection: string): number;
  /** No change of the collection waits for the end of the tick. */
  isTold(collection: string): boolean;
  /** What is told meanwhile is held back and told together at the end. */
  together<R>(run: () => R): R;
}

export function createObservers(read: (collection: string, id: string) => ISyncEntity | null): Observers {
  const entityListeners = new Map<string, Map<string, Set<EntityListener>>>();
  const collectionListeners = new Map<string, Set<CollectionListener>>();
  const statusListeners = new Map<string, Map<string, Set<() => void>>>();
  let outside = new Map<string, Set<string>>();
  let statuses = new Map<string, Set<string>>();
  let held: Map<string, Map<string, ViewChange>> | null = null;
  const versions = new Map<string, number>();
  const bump = (collection: string) => versions.set(collection, (versions.get(collection) ?? 0) + 1);

  const version = (collection: string) => versions.get(collection) ?? 0;

  /** A listener may write: who is told after it is told what is true by then, and never ends with an older state. */
  function tell(collection: string, told: readonly ViewChange[]): void {
    let changes = told;
    let known = version(collection);
    const refresh = () => {
      if (known === version(collection)) return;
      known = version(collection);
      changes = told.map(({ id }) => ({ id, entity: read(collection, id) }));
    };
    const byId = entityListeners.get(collection);
    for (const [index, { id }] of byId ? told.entries() : []) {
      for (const listener of [...(byId?.get(id) ?? [])]) {
        refresh();
        listener(changes[index]?.entity ?? null);
      }
    }
    for (const listener of [...(collectionListeners.get(collection) ?? [])]) {
      refresh();
      listener(changes);
    }
  }

  const tick = createTickTask(() => {
    const changed = outside;
    const restated = statuses;
    outside = new Map();
    statuses = new Map();
    for (const [collection, ids] of changed) {
      tell(
        collection,
        [...ids].map((id) => ({ id, entity: read(collection, id) })),
      );
    }
    for (const [collection, ids] of restated) {
      const byId = statusListeners.get(collection);
      for (const id of ids) for (const listener of [...(byId?.get(id) ?? [])]) listener();
    }
  });

  return {
    observeEntity: (collection, id, listener) => register(entityListeners, collection, id, listener),
    observeCollection(collection, listener) {
      const listeners = collectionListeners.get(collection) ?? new Set();
      collectionListeners.set(collection, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
    observeStatus: (collection, id, listener) => register(statusListeners, collection, id, listener),
    version,
    isTold: (collection) => !outside.get(collection)?.size,
    changedHere(collection, change) {
      bump(collection);
      outside.get(collection)?.delete(change.id);
      if (!held) return tell(collection, [change]);
      const changes = held.get(collection) ?? new Map<string, ViewChange>();
      held.set(collection, changes.set(change.id, change));
    },
    changedElsewhere(collection, id) {
      bump(collection);
      if (!entityListeners.get(collection)?.has(id) && !collectionListeners.get(collection)?.size) return;
      addTo(outside, collection, id);
      tick.request();
    },
    statusChanged(collection, id) {
      if (!statusListeners.get(collection)?.has(id)) return;
      addTo(statuses, collection, id);
      tick.request();
    },
    together(run) {
      if (held) return run();
      const collected = new Map<string, Map<string, ViewChange>>();
      held = collected;
      try {
        return run();
      } finally {
        held = null;
        for (const [collection, changes] of collected) tell(collection, [...changes.values()]);
      }
    },
  };
}

function addTo(idsByCollection: Map<string, Set<string>>, collection: string, id: string): void {
  const ids = idsByCollection.get(collection);
  if (ids) ids.add(id);
  else idsByCollection.set(collection, new Set([id]));
}

function register<L>(
  listeners: Map<string, Map<string, Set<L>>>,
  collection: string,
  id: string,
  listener: L,
): () => void {
  const byId = listeners.get(collection) ?? new Map<string, Set<L>>();
  listeners.set(collection, byId);
  const those = byId.get(id) ?? new Set<L>();
  byId.set(id, those.add(listener));
  return () => {
    those.delete(listener);
    if (those.size === 0 && byId.get(id) === those) byId.delete(id);
  };
}
