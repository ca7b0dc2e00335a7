import type { Observable } from 'rxjs';
import type { RemoteChange } from '../core/record.ts';
import type { AnyCollections, Collections, EntityOf } from './sync-service.ts';
import type { SyncState } from './state.ts';

/** Remote changes as they arrive. */
export interface IRealTimeSync<C extends Collections<C> = AnyCollections> {
  /**
   * `'users'` for a collection, `'users/42'` for one entity. Called once per foreign change, with null for a delete;
   * never for an echo of an own write. Returns its end.
   */
  subscribe<K extends keyof C & string>(
    channel: K | `${K}/${string}`,
    callback: (entity: RealTimeEntity<C, K>, change: RemoteChange) => void,
  ): () => void;
  connect(): void;
  disconnect(): void;
  /** Current value first. */
  readonly state$: Observable<SyncState['realTime']>;
}

/** Null for a delete. Untyped services see `any`. */
export type RealTimeEntity<C, K extends keyof C> = EntityOf<C, K> | null;
