import type { Observable } from 'rxjs';
import type { Draft, ISyncEntity } from '../core/entity.ts';
import type { ISyncOperation } from '../core/operation.ts';

/** The operations that no backend has acknowledged yet, in the order they will be sent. */
export interface IOfflineQueue {
  /** Pending, parked and conflicted together. */
  readonly size: number;
  /** The same list until something changes. */
  list(): readonly ISyncOperation[];
  get(id: string): ISyncOperation | undefined;
  /** Current value first; at most one emission per tick. */
  readonly operations$: Observable<readonly ISyncOperation[]>;
  parked(): readonly ISyncOperation[];
  /**
   * Sends a refused operation again; one that only waits for another goes when that one does. Resolves when it is durable. Rejects
   * with `unknown-operation` or when it is not parked.
   */
  retry(id: string): Promise<void>;
  /**
   * Replaces what a parked operation wrote and sends that. Resolves when it is durable. Rejects with `unknown-operation` or
   * when it is not parked, with `invalid-id` where the entity is another one, and as a write does.
   */
  edit<T extends Draft<ISyncEntity>>(id: string, entity: T): Promise<void>;
  /** Gives a parked operation up: the view goes back to the backend's state. */
  discard(id: string): Promise<void>;
  /** All operations as JSON. */
  export(): Promise<string>;
}
