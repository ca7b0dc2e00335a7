import type { Json } from '../core/json.ts';
import type { Inventory } from './inventory.ts';
import type { JournalKeys, Stamp } from './keys.ts';
import { parseManifest } from './manifest.ts';
import type { Manifest, StoredPage } from './manifest.ts';
import { parsePage } from './page-record.ts';
import type { Position } from './position.ts';
import { readAhead } from './read-ahead.ts';
import type { ReadRecord, RecordReader } from './record-reader.ts';

/** A page that was read. */
export interface LoadedPage {
  readonly page: number;
  readonly position: Position;
  /** Null: the page is empty. */
  readonly content: Json;
  readonly stored: StoredPage;
  /** It is stored in an earlier format, or from before encryption was switched on. */
  readonly isOutdated: boolean;
}

/** The newest manifest that can be read. */
export interface NewestManifest {
  readonly stamp: Stamp | null;
  readonly manifest: Manifest | null;
  /** There is a newer one, which cannot be read. */
  readonly superseded: boolean;
}

/** Reads manifests, newest first, until one is intact. */
export async function readNewestManifest(
  reader: RecordReader,
  names: JournalKeys,
  inventory: Inventory,
): Promise<NewestManifest> {
  let superseded = false;
  for (const stamp of inventory.manifests) {
    const record = await reader.read('manifest', names.manifest(stamp), (content) =>
      parseManifest(content, stamp.format),
    );
    if (record.type === 'intact') return { stamp, manifest: record.content, superseded };
    superseded = true;
  }
  return { stamp: null, manifest: null, superseded };
}

/** Reads the pages that `manifest` lists, by number. */
export async function* readListedPages(
  reader: RecordReader,
  names: JournalKeys,
  manifest: Manifest,
): AsyncGenerator<LoadedPage, void, undefined> {
  const listed = [...manifest.pages].sort(([a], [b]) => a - b);
  const results = readAhead(listed, async ([page, { stamp }]) => {
    const loaded = await readPage(reader, names, stamp);
    return { page, loaded };
  });
  for await (const { page, loaded } of results) if (loaded.type === 'intact') yield { ...loaded.content, page };
}

/** Without a readable manifest: the newest intact record of each page, by number. */
export async function salvagePages(
  reader: RecordReader,
  names: JournalKeys,
  inventory: Inventory,
): Promise<readonly LoadedPage[]> {
  const newest = new Map<number, LoadedPage>();
  for await (const loaded of readAhead(inventory.pages, (stamp) => readPage(reader, names, stamp))) {
    if (loaded.type === 'intact' && !newest.has(loaded.content.page)) newest.set(loaded.content.page, loaded.content);
  }
  return [...newest.values()].sort((a, b) => a.page - b.page);
}

async function readPage(reader: RecordReader, names: JournalKeys, stamp: Stamp): Promise<ReadRecord<LoadedPage>> {
  const record = await reader.read('page', names.page(stamp), parsePage);
  if (record.type !== 'intact') return record;
  const { content, size } = record;
  const isOutdated = stamp.format < names.format || record.plain;
  return { ...record, content: { ...content, isOutdated, stored: { stamp, size } } };
}
