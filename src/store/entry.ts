import type { ConflictRecord } from '../core/conflict.ts';
import type { Base, ISyncEntity, Version } from '../core/entity.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { JsonPatch } from '../core/json.ts';
import type { ISyncOperation, SyncRequest } from '../core/operation.ts';

/** An operation as it is kept: what the app wrote, without what follows from its entity's state. */
export type StoredOperation = Omit<ISyncOperation, 'status' | 'attempts' | 'error' | 'idempotencyKey'> & {
  /** Ids of earlier operations whose effect this one carries, and whose fate it therefore decides. */
  readonly absorbs?: readonly string[];
  /** Excluded pointers that the operation changed and that are no longer in memory (S32). */
  readonly lost?: readonly string[];
};

/** A request, sealed: content that never changes, and the operations it carries (S1). */
export interface SealedRequest extends SyncRequest {
  /** The first operations of the entity, in order. */
  readonly operationIds: readonly string[];
  /** Newest stamp of what it carries. */
  readonly timestamp: string;
}

/** One fact about one entity. The state of an entity is the fold of its steps. */
export type EntityStep =
  /**
   * The app wrote. The only step that a failing storage may take back. `against`: the state the app was looking at, where
   * that is not the newest (S13).
   */
  | { readonly type: 'write'; readonly operation: StoredOperation; readonly against?: Base | null }
  | { readonly type: 'seal'; readonly request: SealedRequest }
  /** The backend applied the request. */
  | { readonly type: 'settle'; readonly key: string; readonly base: Base }
  /** The backend refused the request, which is closed; the entity is parked. `key` null: refused before it was sealed. */
  | { readonly type: 'park'; readonly key: string | null; readonly error: SyncErrorInfo }
  /** The request is closed without effect and its operations wait unsealed again. */
  | { readonly type: 'unseal'; readonly key: string }
  /**
   * Base, local and remote differ. `key`: the request that was refused, which is closed; null: the remote state was told before
   * anything was sent, or, where `looked`, looked at in order to send.
   */
  | {
      readonly type: 'conflict';
      readonly key: string | null;
      readonly looked?: true;
      readonly remote: Base;
      readonly id: string;
      readonly at: string;
    }
  /** A conflict's outcome; `operation` null: the remote state is kept. */
  | {
      readonly type: 'resolve';
      readonly remote: Base;
      readonly operation: StoredOperation | null;
      readonly record: ConflictRecord;
    }
  /** The backend's state of the entity, learned otherwise than by an answer to its request. `trusted`: authoritative, replaces any version. */
  | { readonly type: 'receive'; readonly base: Base; readonly trusted?: boolean }
  /** The same, told as a change of the state before it. Does nothing where that is not known. */
  | { readonly type: 'patch'; readonly told: ToldPatch }
  /** Nothing is left to send: what is pending changes nothing. */
  | { readonly type: 'annihilate'; readonly operationIds: readonly string[] }
  /** The app gave the parked operation up. */
  | { readonly type: 'discard'; readonly operationId: string }
  /** The app wants the parked operations sent again. */
  | { readonly type: 'retry' }
  /** The server began a new life: its versions mean nothing any more (S39). */
  | { readonly type: 'forget' };

/**
 * A write of a tab that does not lead, with what the tab saw: the leader makes it a step of its own log. `on`: the server
 * state it was made on; `before`: what was shown; of a form on a state that is not kept, both are null and the operation
 * has the form whole, with its version.
 */
export interface Draft {
  readonly type: 'draft';
  readonly collection: string;
  readonly id: string;
  readonly operation: StoredOperation;
  readonly on: Base | null;
  readonly before: ISyncEntity | null;
}

/** A state that the backend told. `patched`: how it told it, where that is stored in its place. */
export interface ToldState {
  readonly id: string;
  readonly base: Base;
  readonly trusted?: boolean;
  readonly patched?: ToldPatch;
}

/** A state that the backend told as a change of the one before it. */
export interface ToldPatch {
  readonly id: string;
  /** The version that it was made on. */
  readonly on: Version;
  readonly patch: JsonPatch;
  readonly version: Version;
  readonly updatedAt: string;
}

/** What a journal segment holds. Everything but drafts is the log of a leader. */
export type JournalEntry =
  /** `from`: the writer whose draft the step is. */
  | {
      readonly type: 'entity';
      readonly collection: string;
      readonly id: string;
      readonly step: EntityStep;
      readonly from?: string;
    }
  | Draft
  /** The drafts of a writer are in this log, up to this segment. */
  | { readonly type: 'imported'; readonly writer: string; readonly number: number }
  /**
   * This writer leads from here on, over the logs of the others up to these segments; what they append later is void. Each
   * segment of its log begins with it: whichever are damaged, the others still count.
   */
  | { readonly type: 'reign'; readonly epoch: number; readonly over: Readonly<Record<string, number>> }
  /** One page of a feed, or frames: all or nothing with the cursor they lead to. `cursor` undefined: it does not move. */
  | {
      readonly type: 'feed';
      readonly collection: string;
      readonly changes: readonly (ToldState | ToldPatch)[];
      readonly cursor?: string | null;
    }
  /** A new life of the server's data: cursors and versions are void. */
  | { readonly type: 'epoch'; readonly epoch: string | null; readonly reset: boolean };

/** The entry of one step of an entity. */
export function entryOf(
  { collection, id }: { readonly collection: string; readonly id: string },
  step: EntityStep,
): JournalEntry {
  return { type: 'entity', collection, id, step };
}

/** Whether a storage that fails may take the entry back (S31). */
export function isLocalWrite(entry: JournalEntry): boolean {
  return entry.type === 'draft' || (entry.type === 'entity' && entry.step.type === 'write' && entry.from === undefined);
}

/** Ids of operations, those they absorbed included. */
export function operationIds(operations: readonly StoredOperation[]): string[] {
  return operations.flatMap((operation) => (operation.absorbs ? [...operation.absorbs, operation.id] : [operation.id]));
}

/** The operation that an entry of a local write, of whichever tab, brings; null for any other entry. */
export function writtenBy(entry: JournalEntry): StoredOperation | null {
  if (entry.type === 'draft') return entry.operation;
  return entry.type === 'entity' && entry.step.type === 'write' ? entry.step.operation : null;
}
