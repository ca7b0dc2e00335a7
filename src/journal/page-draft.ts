import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalKeys, Stamp } from './keys.ts';
import type { StoredPage } from './manifest.ts';
import type { Pacer } from './pacer.ts';
import { formatPage } from './page-record.ts';
import type { PageSource } from './page-source.ts';
import { covers } from './position.ts';
import type { Position } from './position.ts';
import type { RecordCodec } from './record-codec.ts';

/** Pages that are stored, but in no manifest yet. They outlive a checkpoint that fails halfway. */
export interface PageDraft {
  /** Pages whose content was taken and not stored. */
  readonly owed: Iterable<number>;
  /**
   * Stores the pages, one per macrotask, each under a key of its own, as long as `goesOn` says so. `covered` is what the
   * manifest will cover.
   */
  store(pages: Iterable<number>, covered: Position, goesOn: () => boolean): Promise<void>;
  /** The list of pages when the draft is laid over `listed`. */
  over(listed: ListedPages, written: ReadonlySet<number>): ListedPages;
  /** The draft is in a manifest, or gone. */
  forget(): void;
  /** The draft is gone, and other pages are due. */
  restart(due: Iterable<number>): void;
}

/** Pages, and which of them are stored without content. */
export interface ListedPages {
  readonly pages: ReadonlyMap<number, StoredPage>;
  readonly emptyPages: ReadonlySet<number>;
}

export interface PageDraftOptions {
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly names: JournalKeys;
  readonly pacer: Pacer;
  readonly source: PageSource;
  /** Pages to store whether they are dirty or not. */
  readonly due: Iterable<number>;
  position(): Position;
  nextStamp(): Stamp;
}

/** An empty draft. */
export function createPageDraft(options: PageDraftOptions): PageDraft {
  const { storage, codec, names, pacer, source, position, nextStamp } = options;
  const owed = new Set(options.due);
  const stored = new Map<number, StoredPage | null>();
  const empty = new Set<number>();

  async function storeOne(page: number, covered: Position): Promise<void> {
    const content = source.content(page);
    source.cleaned(page);
    owed.add(page);
    const contained = position();
    if (content === null && covers(covered, contained)) {
      stored.set(page, null);
    } else {
      const stamp = nextStamp();
      const key = names.page(stamp);
      const record = await codec.encode('page', key, formatPage({ page, position: contained, content }));
      await storage.set(key, record);
      stored.set(page, { stamp, size: record.length });
    }
    if (content === null) empty.add(page);
    else empty.delete(page);
    owed.delete(page);
  }

  function forget(): void {
    stored.clear();
    empty.clear();
  }

  return {
    owed,
    async store(pages, covered, goesOn) {
      for (const page of pages) {
        await pacer.turn();
        if (!goesOn()) return;
        await storeOne(page, covered);
      }
    },
    over(listed, written) {
      const pages = new Map(listed.pages);
      const emptyPages = new Set<number>();
      for (const page of listed.emptyPages) if (!written.has(page)) pages.delete(page);
      for (const [page, entry] of stored) {
        if (entry === null) pages.delete(page);
        else pages.set(page, entry);
        if (entry !== null && empty.has(page)) emptyPages.add(page);
      }
      return { pages, emptyPages };
    },
    forget,
    restart(due) {
      forget();
      owed.clear();
      for (const page of due) owed.add(page);
    },
  };
}
