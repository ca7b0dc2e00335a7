import { Subject } from 'rxjs';
import type { ConflictIndex } from '../conflicts/conflict-index.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { SyncEvent } from './events.ts';

/** Tells the app what happens, where somebody listens. */
export interface Announcements {
  readonly events$: Subject<SyncEvent>;
  /** `event` is called only for those who listen. */
  emit(event: () => SyncEvent): void;
  /** A conflict opened or ended. */
  conflict(id: string | undefined, type: 'conflict.detected' | 'conflict.resolved'): void;
  storageLost(): void;
}

const lost: SyncErrorInfo = {
  code: 'storage-lost',
  message: 'The stored data was wiped while the service was open. What is in memory is written again.',
};

/** Nobody listens yet. */
export function createAnnouncements(conflicts: ConflictIndex): Announcements {
  const events$ = new Subject<SyncEvent>();

  function emit(event: () => SyncEvent): void {
    if (events$.observed) events$.next(event());
  }

  return {
    events$,
    emit,
    conflict(id, type) {
      const conflict = events$.observed && id !== undefined ? conflicts.get(id) : undefined;
      if (conflict) events$.next({ type, conflict });
    },
    storageLost: () => emit(() => ({ type: 'storage.lost', error: lost })),
  };
}
