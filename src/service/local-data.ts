import type { Version } from '../core/entity.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { Intent, OperationMark } from '../outbox/compose-operation.ts';
import type { KeptBase } from '../outbox/kept-bases.ts';
import type { Draft, JournalEntry } from '../store/entry.ts';
import type { Ledger, LedgerListener } from '../store/ledger.ts';
import type { Redaction } from '../store/redact.ts';
import type { EntityChange, EntitySlot, Replica } from '../store/replica.ts';
import type { Settings } from './settings.ts';

/** The replica and what makes it durable, in a tab that leads or follows. */
export interface LocalData {
  /** That of the present role. */
  readonly ledger: Ledger;
  /** The epoch in which this tab leads; null: it does not. */
  readonly epoch: number | null;
  /** No other tab shares the data. */
  readonly isAlone: boolean;
  /** False: nothing survives a restart. */
  readonly isDurable: boolean;
  /** The name that this tab's journal is stored under. */
  readonly writer: string;
  /** The last stored segment of this tab's journal. */
  readonly position: number;
  /** Loads what is stored, as leader or as follower; resolves with the newest stamp found. Rejects where the stored data must not be touched. */
  open(role: 'leader' | 'follower'): Promise<string | null>;
  /**
   * Takes over: reads everything stored anew, and takes up what every tab has drafted. Rejects with `storage-failed`, or where
   * the stored data must not be touched; it is reported then, as with `resign`, `adopt` and `grown`.
   */
  lead(): Promise<void>;
  /** Another tab has taken over. What is not stored is taken back. Goes on where it failed when it is called again. */
  resign(): Promise<void>;
  /**
   * Takes up, or shows where another tab leads, what was drafted by tabs that did not say so, or are gone. `heard`: writers
   * that will say so: what they are still storing may yet be refused to the app. Rejects with `storage-failed`.
   */
  adopt(heard?: ReadonlySet<string>): Promise<void>;
  /** The journal of a tab has grown to this segment. `isLeader`: that tab leads. `drafts`: those of the segment, uncut. */
  grown(writer: string, number: number, isLeader: boolean, drafts?: readonly Draft[]): Promise<void>;
  /** The entry that makes the intent true; null: it is true already. */
  compose(slot: EntitySlot, intent: Intent, mark: () => OperationMark): JournalEntry | null;
  /** Resolves when everything committed so far is durable or taken back. */
  flush(): Promise<void>;
  /** Calls once as soon as the storage is known to fail, before this returns if it does now. Returns the end of waiting. */
  whenFailing(listener: () => void): () => void;
  /** Looks whether what was stored is still there. */
  verify(): Promise<void>;
  close(): Promise<void>;
  wipe(): Promise<void>;
}

export interface LocalDataParts {
  readonly settings: Settings;
  readonly replica: Replica;
  readonly redaction: Redaction;
  readonly clientId: string;
  readonly listener: LedgerListener;
  isElected(): boolean;
  /** Resolves with the next sign of life of a leader, or when this tab is elected, or closes. */
  untilSign(): Promise<void>;
  stamp(): string | null;
  keptSince(slot: EntitySlot, version: Version | null): readonly KeptBase[];
  /** A change of the log, before it is told and drafts are placed over it. */
  followed(change: EntityChange): void;
  /** A segment of this tab's journal is stored. `drafts`: those in it that were cut before. */
  stored(number: number, drafts: readonly Draft[]): void;
  /** What the operation changed in excluded fields is not there any more: the tab that drafted it is gone. */
  lossy(slot: EntitySlot): void;
  /** The leader tells that a request was acknowledged. */
  acknowledged(key: string): void;
  /** The storage shows that another tab has taken over. */
  deposed(): void;
  storageFailed(error: SyncErrorInfo): void;
  storageRecovered(): void;
  storageLost(): void;
  quarantined(key: string, error: SyncErrorInfo): void;
}
