import type { SyncError } from '../core/errors.ts';

/** What the journal tells its user. Called synchronously; a hook may append, and must not throw. */
export interface JournalHooks<E> {
  /** The group is stored: from now on its entries belong to the durable state. Called before its promises resolve. */
  stored(group: number): void;
  /**
   * Nothing after the last stored group is stored: the `dropped` entries, all of them local writes, are gone and must be
   * undone; the `kept` ones, in order, are now all in `group`. Answers with what they are without the dropped ones, each in its
   * place. Called before the promises of the dropped ones reject.
   */
  rolledBack(kept: readonly E[], dropped: readonly E[], group: number): readonly E[];
  /** The storage fails: at the first failure, and whenever local writes were dropped. */
  failed(error: SyncError): void;
  /** The storage works again after `failed`. */
  recovered?(): void;
  /** The open groups are given up, but for this one, which is on its way; null: none is. */
  abandoned?(underWay: number | null): void;
  /** Another writer has taken over: this one is to resign. What it appends meanwhile is not stored for good. */
  deposed?(): void;
  /** A damaged record was set aside, or a page or segments are missing. `key` is where the record is now, or was. */
  quarantined(key: string, error: SyncError): void;
  /** A writer that led before has stored pages meanwhile: mark all pages as dirty. */
  overtaken?(): void;
  /** What was stored has vanished: mark all pages as dirty, so that what is in memory is written again. */
  lost?(): void;
}
