import { SyncError } from '../core/errors.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import type { Clock } from '../ports/environment.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { currentFormat } from './format.ts';
import type { StorageFormat } from './format.ts';
import { createGuardedStorage } from './guarded-storage.ts';
import type { JournalHooks } from './hooks.ts';
import { createJournalKeys } from './keys.ts';
import { laterWriter } from './later-writer.ts';
import { openJournal } from './open-journal.ts';
import type { OpenJournal } from './open-journal.ts';
import type { PageSource } from './page-source.ts';
import { createRecordCodec } from './record-codec.ts';
import { recoverStored } from './recovery.ts';
import type { RecoverySink } from './recovery-sink.ts';
import type { Appended } from './segment-writer.ts';
import { wipeStored } from './wipe.ts';

/** What a journal is made of. `E` is a JSON value. */
export interface JournalOptions<E> {
  readonly storage: KeyValueStorage;
  readonly name: string;
  /** The user whom the data belongs to; may be empty. */
  readonly user: string;
  /** A UUIDv7 that no other journal has or had. Where stored ones are later, it is stored with a later time. */
  readonly writer: string;
  /** Pages are stored under this epoch, or a higher one: above every epoch that is stored already. */
  readonly epoch: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  readonly codec?: EncryptionCodec | undefined;
  /** What is stored, and how older data comes to it. Default: the format of this release. */
  readonly format?: StorageFormat | undefined;
  /** Milliseconds that a storage call may take. Default 10,000. */
  readonly watchdogMs?: number | undefined;
  /** Size of segments at which a checkpoint is due. Default: 1 MiB, or half the size of the pages when that is more. */
  readonly checkpointBytes?: number | undefined;
  /** Whether the entry is dropped (S31) when it cannot be stored; all others are kept and tried again. */
  isLocalWrite(entry: E): boolean;
  readonly pages: PageSource;
  readonly hooks: JournalHooks<E>;
}

/**
 * What is durable: an append-only log of entries, and pages that make its older part dispensable. At every instant, and
 * whatever storage step is the last, what is stored is a prefix of what was appended.
 */
export interface Journal<E> {
  /**
   * Gives everything stored to `sink`. To be called once, before anything is appended; may be called again when it
   * rejected. Rejects, with everything stored untouched, with `storage-newer`, `storage-locked` (the encryption does
   * not open the data), `storage-failed` or `closed`. Damaged records are set aside and reported (G20).
   */
  recover(sink: RecoverySink<E>): Promise<void>;
  /** Puts the entries, together, into the next group to be stored. Throws `closed` before recovery and after close. */
  append(entries: readonly E[]): Appended;
  /** Resolves when everything appended so far is stored or dropped; stays open while the storage fails. */
  flush(): Promise<void>;
  /**
   * Stores what is dirty as pages and removes the segments that they cover; comes by itself when segments have grown.
   * Never holds up an append. Does nothing when nothing has changed, or when another writer has taken over the pages.
   */
  checkpoint(): Promise<void>;
  /** The last stored segment of this writer; 0 for none. */
  readonly position: number;
  /** False when what was stored has vanished; `lost` was called then. Rejects with `storage-failed`. */
  verify(): Promise<boolean>;
  /** Waits for what is being stored, trying what is left once. Idempotent. Leaves no timer; open promises stay open. */
  close(): Promise<void>;
  /** Closes, then removes everything stored under this name and user. */
  wipe(): Promise<void>;
}

const defaultWatchdogMs = 10_000;

/** A journal that has touched nothing yet. Throws `invalid-option` when name or user is ill-formed Unicode. */
export function createJournal<E>(options: JournalOptions<E>): Journal<E> {
  const format = options.format ?? currentFormat;
  const names = createJournalKeys(options.name, options.user, format);
  const codec = createRecordCodec(options.codec, format);
  const guard = () => createGuardedStorage(options.storage, options.clock, options.watchdogMs ?? defaultWatchdogMs);
  const storage = guard();
  let open: OpenJournal<E> | null = null;
  let closing: Promise<void> | null = null;

  function opened(): OpenJournal<E> {
    if (open === null) throw new SyncError('closed', 'The journal is not open. Recover it first.');
    return open;
  }

  async function finish(): Promise<void> {
    await open?.close();
    await storage.close();
  }

  function close(): Promise<void> {
    closing ??= finish();
    return closing;
  }

  return {
    async recover(sink) {
      const recovered = await recoverStored({ storage, codec, names, hooks: options.hooks }, sink);
      if (closing !== null) throw new SyncError('closed', 'The journal was closed while it was read.');
      const writer = laterWriter(options.writer, Object.keys(recovered.position));
      open = openJournal({ ...options, writer, storage, codec, names, recovered });
    },
    append: (entries) => opened().append(entries),
    flush: async () => opened().flush(),
    checkpoint: async () => opened().checkpoint(),
    verify: async () => opened().verify(),
    get position() {
      return open?.position ?? 0;
    },
    close,
    async wipe() {
      await close();
      await wipeStored(guard(), names);
    },
  };
}
