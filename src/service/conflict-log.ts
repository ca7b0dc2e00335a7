import type { Observable } from 'rxjs';
import type { ConflictRecord } from '../core/conflict.ts';
import type { Draft, ISyncEntity } from '../core/entity.ts';

/** Every conflict with base, local, remote and result, newest first: the newest 1,000, open ones always. */
export interface IConflictLog {
  /** Frozen, and the same array as long as no record in it is another. */
  list(): readonly ConflictRecord[];
  /** Current value first, then when one of the records is new or another; at most one emission per tick. */
  readonly records$: Observable<readonly ConflictRecord[]>;
  get(id: string): ConflictRecord | undefined;
  /**
   * Decides an open conflict. An entity replaces both sides, null deletes. Resolves when the decision is durable. Rejects with
   * `unknown-operation` where no such conflict is open, and with `invalid-entity` for an entity that cannot be.
   */
  resolve<T extends Draft<ISyncEntity>>(id: string, choice: 'local' | 'remote' | T | null): Promise<void>;
}
