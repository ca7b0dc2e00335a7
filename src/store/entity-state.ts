import type { Base, ISyncEntity } from '../core/entity.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { SealedRequest, StoredOperation } from './entry.ts';

/** What is unsettled about an entity. */
export interface EntityWork {
  readonly view: ISyncEntity | null;
  /** Never empty. Each patch is relative to the result of the operation before it (S9). */
  readonly pending: readonly StoredOperation[];
  /** The sealed request that carries the first operations. */
  readonly request: SealedRequest | null;
  /** A server state that is known but not adopted: held back while a request is out, else contested (S10). */
  readonly foreign: Base | null;
  /** The open conflict. */
  readonly conflict: { readonly id: string; readonly at: string } | null;
  /** Why the backend refused: the entity is parked. */
  readonly refusal: SyncErrorInfo | null;
  /** The operation that was written over a refusal: what was refused does not go again without it (S27). */
  readonly supersededBy?: string;
  /** What a form that was written while a request was out had been opened on; null: a state that is not kept (S13). */
  readonly openedOn?: Base | null;
  /** Times since the last acknowledgement that what was to be sent met another state than it was made on (S19). */
  readonly rounds: number;
}

/** One entity: the last server state and what is pending over it. Immutable. */
export interface EntityState {
  readonly base: Base | null;
  readonly work: EntityWork | null;
}

export const unknownEntity: EntityState = { base: null, work: null };

/** What the app sees: pending folded over base. */
export function viewOf(state: EntityState): ISyncEntity | null {
  return state.work ? state.work.view : (state.base?.entity ?? null);
}

export function pendingOf(state: EntityState): readonly StoredOperation[] {
  return state.work ? state.work.pending : none;
}

const none: readonly StoredOperation[] = [];

/** The newest state told by the backend, also when it is not adopted yet. */
export function newestTold({ base, work }: EntityState): Base | null {
  return work?.foreign ?? base;
}

/** The same; null: it is none of this life of the server's data. */
export function newestKnown(state: EntityState): Base | null {
  const newest = newestTold(state);
  return newest && !newest.forgotten ? newest : null;
}

/** A state of the backend disagrees with what is pending and nothing is out that could explain it. */
export function isContested(state: EntityState): boolean {
  const { work } = state;
  return work !== null && work.foreign !== null && work.request === null && work.refusal === null;
}

/**
 * What is pending cannot be sent before the backend's state is known: update or delete of an entity never seen (S13), a new
 * epoch (S39), or excluded fields that are not in memory and would be missing from the whole entity (S32).
 */
export function awaitsBase(state: EntityState): boolean {
  const { work, base } = state;
  if (work === null) return false;
  if (base?.cut && (work.request ? work.request.type !== 'delete' : work.view !== null)) return true;
  if (work.request) return false;
  if (base === null) return work.pending[0]?.type !== 'create';
  return base.forgotten === true;
}

/** Newest stamp of the operations. */
export function newestStamp(operations: readonly StoredOperation[]): string {
  return operations.reduce((newest, { timestamp }) => (timestamp > newest ? timestamp : newest), '');
}
