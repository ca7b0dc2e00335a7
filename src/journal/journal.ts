import { closedError } from '../core/closed-error.ts';
import { SyncError } from '../core/errors.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import type { Clock } from '../ports/environment.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { currentFormat, readableVersions } from './format.ts';
import type { StorageFormat } from './format.ts';
import { createGuardedStorage } from './guarded-storage.ts';
import type { JournalHooks } from './hooks.ts';
import { takeInventory } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import { createJournalKeys } from './keys.ts';
import { laterWriter } from './later-writer.ts';
import { openJournal } from './open-journal.ts';
import type { OpenJournal } from './open-journal.ts';
import type { PageSource } from './page-source.ts';
import type { Position } from './position.ts';
import { setAside } from './quarantine.ts';
import { createRecordCodec } from './record-codec.ts';
import { createRecordReader } from './record-reader.ts';
import { asEntries, recoverStored } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import type { RecoverySink } from './recovery-sink.ts';
import type { Appended, Fence } from './segment-writer.ts';
import { createThrone } from './throne.ts';
import { wipeStored } from './wipe.ts';

/** What a journal is made of. `E` is a JSON value. */
export interface JournalOptions<E> {
  readonly storage: KeyValueStorage;
  readonly name: string;
  /** The user whom the data belongs to; may be empty. */
  readonly user: string;
  /** A UUIDv7 that no other journal has or had. Where stored ones are later, it is stored with a later time. */
  readonly writer: string;
  /** Other writers use the storage at the same time: this one stores pages only while it leads. Default: it is alone. */
  readonly shared?: boolean | undefined;
  /** What is appended now is valid whoever leads. Default: it is not. */
  isDrafting?(): boolean;
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
  /** What each segment begins with that is stored now, so that it can be understood without those before it. Default: nothing. */
  readonly heading?: (() => readonly E[]) | undefined;
  readonly pages: PageSource;
  readonly hooks: JournalHooks<E>;
}

/**
 * What is durable: an append-only log of entries, and pages that make its older part dispensable. At every instant, and
 * whatever storage step is the last, what is stored is a prefix of what was appended.
 */
export interface Journal<E> {
  /**
   * Gives everything stored to a sink, and to a fresh one when another writer removes what is being read. To be called
   * before anything is appended; may be called again, to read what others have stored since. Rejects, with everything stored untouched, with `storage-newer`, `storage-locked` (the encryption does
   * not open the data), `storage-failed` or `closed`. Damaged records are set aside and reported (G20).
   */
  recover(makeSink: () => RecoverySink<E>): Promise<void>;
  /** The name that this writer's segments are stored under. */
  readonly writer: string;
  /** Per writer, the last segment that recovery found. */
  readonly recovered: Position;
  /** Per writer, the segments that are stored now, ascending. Rejects with `storage-failed`. */
  stored(): Promise<ReadonlyMap<string, readonly number[]>>;
  /**
   * A segment of any writer. `absent`: it is not there, not yet or not any more. `damaged`: it cannot be read, and was set
   * aside and reported (G20). Rejects with `storage-newer`, `storage-locked` or `storage-failed`.
   */
  read(writer: string, number: number): Promise<readonly E[] | 'absent' | 'damaged'>;
  /** The durable state contains that writer's journal up to this segment: a checkpoint may remove it. */
  include(writer: string, number: number): void;
  /** Announces to all other writers that this one leads from now on. Resolves with the epoch. Rejects, with nothing stored, with `storage-newer`, `storage-locked` (by a sample: the newest manifest and each writer's first segment) or `storage-failed`. To be followed by `recover`, then `lead`. */
  claim(): Promise<number>;
  /** Another writer has taken over: nothing is stored any more until this one resigns. */
  overrule(): void;
  /** Another writer has taken over, and this one has not resigned. */
  readonly isOverruled: boolean;
  /** Stores pages from now on. */
  lead(): void;
  /**
   * Stores no pages any more, and gives up what is not stored. The returned function is to be called with the last segment of
   * this writer that the next leader has read: what is in those is durable, the local writes after them end as `redone` does.
   */
  resign(): (lastRead: number, redone: Promise<void>) => void;
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
/** Each one is overtaken only by another checkpoint of the leader. */
const maxReadings = 10;

/** A journal that has touched nothing yet. Throws `invalid-option` when name or user is ill-formed Unicode. */
export function createJournal<E>(options: JournalOptions<E>): Journal<E> {
  const format = options.format ?? currentFormat;
  const names = createJournalKeys(options.name, options.user, format);
  const codec = createRecordCodec(options.codec, format);
  const guard = () => createGuardedStorage(options.storage, options.clock, options.watchdogMs ?? defaultWatchdogMs);
  const storage = guard();
  const throne = createThrone(storage, codec, names, () => writer);
  let writer = options.writer;
  let open: OpenJournal<E> | null = null;
  let closing: Promise<void> | null = null;
  let recovered: Recovered | null = null;
  let claimed = 0;
  /** `taken`: another writer has taken over; nothing is stored for good until this one resigns. */
  let reign: 'none' | 'claimed' | 'leading' | 'taken' = options.shared === true ? 'none' : 'leading';

  function opened(): OpenJournal<E> {
    if (open === null) throw closedError();
    return open;
  }

  const claims: Fence = {
    prefix: names.claims,
    holds(keys) {
      const isHeld = reign === 'none' || throne.isHeld(claimed, keys);
      if (!isHeld) overrule();
      return isHeld;
    },
  };

  function overrule(): void {
    if (reign !== 'none') reign = 'taken';
  }

  /** Looks into the newest manifest and the first segment of each writer: all records of one of them have one key. */
  async function assertOpens({ manifests, segmentsByWriter }: Inventory): Promise<void> {
    const reader = createRecordReader(storage, codec);
    const [manifest] = manifests;
    if (manifest) await reader.read('manifest', names.manifest(manifest), (content) => content);
    for (const [other, [first]] of segmentsByWriter)
      if (first) await reader.read('segment', names.segment(other, first.number, first.format), asEntries);
  }

  async function readAll(makeSink: () => RecoverySink<E>): Promise<Recovered> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await recoverStored({ storage, codec, names, hooks: options.hooks }, makeSink());
      if (found !== 'overtaken' || attempt === maxReadings) return found === 'overtaken' ? tooBusy() : found;
    }
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
    async recover(makeSink) {
      await open?.settled();
      const found = await readAll(makeSink);
      if (closing !== null) throw closedError();
      recovered = found;
      if (options.shared !== true) claimed = found.epoch + 1;
      if (open !== null) return open.rebase(found);
      if (options.shared !== true) writer = laterWriter(options.writer, Object.keys(found.position));
      open = openJournal({
        ...options,
        writer,
        storage,
        codec,
        names,
        recovered: found,
        epoch: () => (reign === 'leading' ? claimed : null),
        hasClaimed: options.shared === true,
        fence: () => (options.shared !== true || reign === 'none' || options.isDrafting?.() ? null : claims),
        isOverruled: () => reign === 'taken',
        onBeaten() {
          overrule();
          options.hooks.deposed?.();
        },
      });
    },
    get writer() {
      return writer;
    },
    get recovered() {
      return recovered?.position ?? {};
    },
    async stored() {
      const { segmentsByWriter } = takeInventory(names, await storage.keys());
      return new Map([...segmentsByWriter].map(([each, segments]) => [each, segments.map(({ number }) => number)]));
    },
    async read(other, number) {
      const reader = createRecordReader(storage, codec);
      for (const version of readableVersions(format)) {
        const record = await reader.read('segment', names.segment(other, number, version), asEntries<E>);
        if (record.type === 'intact') return record.content;
        if (record.type === 'absent') continue;
        await setAside(reader.damaged, storage, names, options.hooks.quarantined);
        return 'damaged';
      }
      return 'absent';
    },
    include: (other, number) => opened().include(other, number),
    async claim() {
      await assertOpens(takeInventory(names, await storage.keys()));
      claimed = await throne.claim();
      reign = 'claimed';
      return claimed;
    },
    overrule,
    get isOverruled() {
      return reign === 'taken';
    },
    lead() {
      if (reign !== 'claimed') return;
      reign = 'leading';
      open?.lead();
    },
    resign() {
      reign = 'none';
      return open?.abandon() ?? (() => undefined);
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

function tooBusy(): never {
  throw new SyncError('storage-failed', 'The local data kept changing while it was read. It is tried again.');
}
