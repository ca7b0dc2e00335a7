import type { Observable } from 'rxjs';
import type { ConflictRecord } from '../core/conflict.ts';
import type { ISyncEntity } from '../core/entity.ts';

/** Every conflict with base, local, remote and result, newest first: the newest 1,000, open ones always. */
export interface IConflictLog {
  list(): readonly ConflictRecord[];
  /** Current value first; at most one emission per tick. */
  readonly records$: Observable<readonly ConflictRecord[]>;
  get(id: string): ConflictRecord | undefined;
  /** Decides an open conflict. An entity replaces both sides, null deletes. Resolves when the decision is durable. */
  resolve(
    id: string,
    choice: 'local' | 'remote' | (Omit<ISyncEntity, 'updatedAt'> & { readonly [key: string]: unknown }) | null,
  ): Promise<void>;
}
