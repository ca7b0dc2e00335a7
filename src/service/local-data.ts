import { createMemoryStorage, isVolatile } from '../adapters/storage/memory-storage.ts';
import { requestPersistence } from '../adapters/storage/persistence.ts';
import { SyncError, toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { createJournal, type Journal } from '../journal/journal.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { isLocalWrite, type JournalEntry } from '../store/entry.ts';
import { createLedger, type Ledger, type LedgerListener } from '../store/ledger.ts';
import { createExposure } from '../store/exposure.ts';
import { createPages } from '../store/pages.ts';
import { createRecovery, type StoredMeta } from '../store/recovery.ts';
import type { Redaction } from '../store/redact.ts';
import type { Replica } from '../store/replica.ts';
import type { Settings } from './settings.ts';

/** The replica and what makes it durable. */
export interface LocalData {
  readonly ledger: Ledger;
  /** False: nothing survives a restart. */
  readonly isDurable: boolean;
  /** Loads what is stored; resolves with the newest stamp found. Rejects where the stored data must not be touched. */
  open(): Promise<string | null>;
  /** Resolves when everything committed so far is durable or taken back. */
  flush(): Promise<void>;
  /** Resolves as soon as the storage is known to fail, at once if it does now. */
  failing(): Promise<void>;
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
  stamp(): string | null;
  readonly listener: LedgerListener;
  storageFailed(error: SyncErrorInfo): void;
  storageRecovered(): void;
  storageLost(): void;
  quarantined(key: string, error: SyncErrorInfo): void;
}

export function createLocalData(parts: LocalDataParts): LocalData {
  const { settings, replica, redaction } = parts;
  let pages = createPages();
  let isFallback = false;
  let hasAsked = false;
  let isDamaged = false;
  let journal = makeJournal(settings.storage);
  let failure: { promise: Promise<void>; resolve(): void } = createSignal();

  const ledger = createLedger(replica, (entries) => journal.append(entries.map((entry) => redaction.entry(entry))), {
    changed(changes, origin) {
      for (const { slot } of changes) pages.assign(slot);
      if (origin === 'local') askToPersist();
      parts.listener.changed(changes, origin);
    },
    stored(slots, written) {
      for (const slot of slots) pages.mark(slot);
      parts.listener.stored(slots, written);
    },
    dropped: (operationIds) => parts.listener.dropped(operationIds),
  });

  const isDurable = () => !isFallback && !isVolatile(settings.storage);

  /** With the first write there is something that the browser should not evict (S33). */
  function askToPersist(): void {
    if (hasAsked || !isDurable()) return;
    hasAsked = true;
    void requestPersistence();
  }

  function makeJournal(storage: KeyValueStorage): Journal<JournalEntry> {
    return createJournal<JournalEntry>({
      storage,
      name: settings.name,
      user: settings.user,
      writer: parts.clientId,
      epoch: 1,
      clock: settings.environment.clock,
      random: () => settings.environment.random(),
      codec: settings.encryption,
      isLocalWrite,
      pages: {
        dirty: () => pages.dirty(),
        cleaned: (page) => pages.cleaned(page),
        content: (page) => pages.content(page, (slot) => redaction.state(slot.collection, ledger.durableState(slot))),
        meta: storedMeta,
      },
      hooks: {
        stored: (group) => ledger.stored(group),
        rolledBack: (_, __, group) => ledger.rolledBack(group),
        failed(error) {
          failure.resolve();
          parts.storageFailed(toErrorInfo(error));
        },
        recovered() {
          failure = createSignal();
          parts.storageRecovered();
        },
        quarantined(key, error) {
          isDamaged = true;
          parts.quarantined(key, toErrorInfo(error));
        },
        lost() {
          pages.markAll();
          parts.storageLost();
        },
      },
    });
  }

  function storedMeta(): Json {
    const { epoch, cursors } = ledger.durableFeed();
    const resolved = [...replica.resolved.values()].map((record) => redaction.record(record));
    const meta: StoredMeta = { epoch, cursors: [...cursors], resolved, stamp: parts.stamp() };
    return meta as unknown as Json;
  }

  /** The backend told some of what is missing already, and would not tell it again: its feeds are read from their start. */
  function readFeedsAnew(): void {
    replica.restoreFeed({ epoch: replica.feed.epoch, cursors: new Map() });
  }

  async function recover(): Promise<string | null> {
    const recovery = createRecovery(replica, pages, createExposure(redaction));
    await journal.recover(recovery);
    if (isDamaged) readFeedsAnew();
    return recovery.stamp;
  }

  return {
    ledger,
    get isDurable() {
      return isDurable();
    },
    async open() {
      try {
        return await recover();
      } catch (thrown) {
        if (!(thrown instanceof SyncError) || thrown.code !== 'storage-failed') throw thrown;
        parts.storageFailed(toErrorInfo(thrown));
        replica.clear();
        pages = createPages();
        isFallback = true;
        await journal.close();
        journal = makeJournal(createMemoryStorage());
        return recover();
      }
    },
    flush: () => journal.flush(),
    failing: () => failure.promise,
    async verify() {
      await journal.verify().catch(() => false);
    },
    close: () => journal.close(),
    async wipe() {
      await journal.wipe();
      if (isFallback) await makeJournal(settings.storage).wipe();
    },
  };
}

function createSignal(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((onResolved) => {
    resolve = onResolved;
  });
  return { promise, resolve };
}
