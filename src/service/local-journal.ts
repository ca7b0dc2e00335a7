import { toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { createJournal, type Journal } from '../journal/journal.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { isLocalWrite, writtenBy, type JournalEntry } from '../store/entry.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Pages } from '../store/pages.ts';
import type { Reign } from '../store/reigns.ts';
import type { StoredMeta } from '../store/recovery.ts';
import type { Redaction } from '../store/redact.ts';
import type { Replica } from '../store/replica.ts';
import type { Settings } from './settings.ts';

export interface LocalJournalParts {
  readonly settings: Settings;
  readonly storage: KeyValueStorage;
  readonly writer: string;
  readonly replica: Replica;
  readonly redaction: Redaction;
  /** Other tabs use the storage at the same time. */
  readonly isShared: boolean;
  /** This tab follows: it stores drafts. */
  isDrafting(): boolean;
  /** Those in use now. */
  ledger(): Ledger;
  pages(): Pages;
  /** Null: this tab does not lead, or tabs never shared the storage. */
  reign(): Reign | null;
  stamp(): string | null;
  stored(number: number): void;
  abandoned(underWay: number | null): void;
  deposed(): void;
  failed(error: SyncErrorInfo): void;
  recovered(): void;
  lost(): void;
  quarantined(key: string, error: SyncErrorInfo): void;
}

/** The journal of the local data: what it stores comes from the ledger and the pages, cut as the options say. */
export function createLocalJournal(parts: LocalJournalParts): Journal<JournalEntry> {
  const { settings, replica, redaction, ledger, pages } = parts;

  function meta(): Json {
    const { epoch, cursors } = ledger().durableFeed();
    const resolved = [...replica.resolved.values()].map((record) => redaction.record(record));
    const reign = parts.reign();
    const stored: StoredMeta = {
      epoch,
      cursors: [...cursors],
      resolved,
      stamp: parts.stamp(),
      ...(reign ? { reign } : {}),
    };
    return stored as unknown as Json;
  }

  function heading(): readonly JournalEntry[] {
    const reign = parts.reign();
    return reign ? [{ type: 'reign', epoch: reign.epoch, over: reign.over }] : [];
  }

  const journal = createJournal<JournalEntry>({
    storage: parts.storage,
    name: settings.name,
    user: settings.user,
    writer: parts.writer,
    shared: parts.isShared,
    isDrafting: parts.isDrafting,
    clock: settings.environment.clock,
    random: () => settings.environment.random(),
    codec: settings.encryption,
    isLocalWrite,
    heading,
    pages: {
      dirty: () => pages().dirty(),
      cleaned: (page) => pages().cleaned(page),
      content: (page) => pages().content(page, (slot) => redaction.state(slot.collection, ledger().durableState(slot))),
      meta,
    },
    hooks: {
      stored(group) {
        ledger().stored(group);
        parts.stored(group);
      },
      rolledBack(kept, _, group) {
        const placed = ledger().rolledBack(group);
        return kept.map((entry) => {
          if (entry.type !== 'entity') return entry;
          const step = placed.get(writtenBy(entry)?.id ?? '');
          return step ? redaction.entry({ ...entry, step }) : entry;
        });
      },
      abandoned: parts.abandoned,
      deposed: parts.deposed,
      failed: (error) => parts.failed(toErrorInfo(error)),
      recovered: parts.recovered,
      quarantined: (key, error) => parts.quarantined(key, toErrorInfo(error)),
      overtaken: () => pages().markAll(),
      lost() {
        pages().markAll();
        parts.lost();
      },
    },
  });
  return journal;
}
