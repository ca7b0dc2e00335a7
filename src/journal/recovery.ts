import { SyncError } from '../core/errors.ts';
import { readListedPages, readNewestManifest, salvagePages } from './catalogue.ts';
import type { LoadedPage } from './catalogue.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { Json } from '../core/json.ts';
import type { JournalHooks } from './hooks.ts';
import { takeInventory } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import { compareStamps } from './keys.ts';
import type { JournalKeys, Stamp } from './keys.ts';
import type { Manifest, StoredPage } from './manifest.ts';
import { isCovered } from './position.ts';
import type { Position } from './position.ts';
import { setAside } from './quarantine.ts';
import { readAhead } from './read-ahead.ts';
import type { RecordCodec } from './record-codec.ts';
import { createRecordReader, recordDamaged, storageNewer } from './record-reader.ts';
import type { RecordReader } from './record-reader.ts';
import type { RecoverySink } from './recovery-sink.ts';

/** What recovery needs. */
export interface RecoveryContext {
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly names: JournalKeys;
  readonly hooks: Pick<JournalHooks<never>, 'quarantined'>;
}

/** What is stored, as recovery found it. */
export interface Recovered {
  /** The highest epoch that anything is stored under; 0 for none. */
  readonly epoch: number;
  readonly manifest: Stamp | null;
  readonly pages: ReadonlyMap<number, StoredPage>;
  readonly emptyPages: ReadonlySet<number>;
  /** Those of `pages` that are stored in an earlier format or unencrypted: the next checkpoint writes them anew. */
  readonly outdatedPages: ReadonlySet<number>;
  readonly covered: Position;
  /** The last segment of each writer that has segments stored. */
  readonly position: Position;
  /** Sizes of the segments that no page covers. */
  readonly replayed: readonly number[];
  /** The manifest does not tell what is there, or what is there must not stay: a checkpoint is due. */
  readonly isCheckpointDue: boolean;
  /** Damaged records that could not be copied: they must not be removed. */
  readonly spared: ReadonlySet<string>;
}

/**
 * Gives everything stored to `sink`: meta, pages, then segments. Nothing stored is changed until all of it has been read;
 * then damaged records are set aside. Rejects with `storage-newer`, `storage-locked` or `storage-failed`, nothing changed.
 */
export async function recoverStored<E>(
  context: RecoveryContext,
  sink: RecoverySink<E>,
): Promise<Recovered | 'overtaken'> {
  const { storage, names, hooks } = context;
  const inventory = takeInventory(names, await storage.keys());
  if (inventory.newer) throw storageNewer();
  const reader = createRecordReader(storage, context.codec);
  const { stamp, manifest, superseded } = await readNewestManifest(reader, names, inventory);
  const covered = manifest?.covered ?? {};
  if (manifest !== null) sink.meta(manifest.meta, manifest.position);

  const pages = new Map<number, StoredPage>();
  const emptyPages = new Set<number>();
  const outdatedPages = new Set<number>();
  const source = superseded ? null : manifest;
  for await (const loaded of loadPages(reader, names, inventory, source)) {
    pages.set(loaded.page, loaded.stored);
    if (loaded.isOutdated) outdatedPages.add(loaded.page);
    if (loaded.content !== null) {
      sink.page(loaded.page, loaded.content, loaded.position);
    } else {
      sink.emptyPage?.(loaded.page, loaded.position);
      emptyPages.add(loaded.page);
    }
  }
  const replayed = await replaySegments(reader, names, inventory, covered, sink);
  const left = reader.absent.length > 0 ? takeInventory(names, await storage.keys()) : inventory;
  if (isOvertaken(left, inventory)) return 'overtaken';
  const emptied = reader.absent
    .filter((key) => left.keys.has(key))
    .map((key) => ({ key, value: null, error: recordDamaged('It is empty.') }));
  const damaged = [...reader.damaged, ...emptied];
  const missingPages = reader.absent.filter((key) => names.parse(key)?.kind === 'page' && !left.keys.has(key));
  const missingSegments = findHoles(names, inventory, covered);

  const spared = await setAside(damaged, storage, names, hooks.quarantined);
  for (const key of missingPages) hooks.quarantined(key, pageMissing());
  for (const key of missingSegments) hooks.quarantined(key, segmentMissing());
  return {
    epoch: inventory.epoch,
    manifest: stamp,
    pages,
    emptyPages,
    outdatedPages,
    covered,
    position: lastSegments(inventory, covered),
    replayed,
    isCheckpointDue:
      superseded ||
      missingPages.length + missingSegments.length + damaged.length > 0 ||
      inventory.older ||
      reader.foundPlain ||
      sink.isExposed?.() === true,
    spared,
  };
}

/** A newer manifest was stored while those from before were read: what is missing was removed in its favour. */
function isOvertaken({ manifests: [newest] }: Inventory, { manifests: [before] }: Inventory): boolean {
  return newest !== undefined && (before === undefined || compareStamps(newest, before) > 0);
}

/** What a segment holds; null: it is none. */
export function asEntries<E>(content: Json): readonly E[] | null {
  return Array.isArray(content) ? (content as unknown as readonly E[]) : null;
}

async function* loadPages(
  reader: RecordReader,
  names: JournalKeys,
  inventory: Inventory,
  manifest: Manifest | null,
): AsyncGenerator<LoadedPage, void, undefined> {
  if (manifest === null) yield* await salvagePages(reader, names, inventory);
  else yield* readListedPages(reader, names, manifest);
}

async function replaySegments<E>(
  reader: RecordReader,
  names: JournalKeys,
  inventory: Inventory,
  covered: Position,
  sink: RecoverySink<E>,
): Promise<readonly number[]> {
  const due = [...inventory.segmentsByWriter].flatMap(([writer, segments]) =>
    segments.filter(({ number }) => !isCovered(covered, writer, number)).map((segment) => ({ writer, ...segment })),
  );
  const results = readAhead(due, async ({ writer, number, format }) => {
    const record = await reader.read('segment', names.segment(writer, number, format), asEntries<E>);
    return { writer, number, record };
  });
  const replayed: number[] = [];
  for await (const { writer, number, record } of results) {
    if (record.type !== 'intact') continue;
    sink.segment(writer, number, record.content);
    replayed.push(record.size);
  }
  return replayed;
}

/** Where segments are gone although none that came later can be there without them: the key of the first of each row. */
function findHoles(names: JournalKeys, inventory: Inventory, covered: Position): readonly string[] {
  return [...inventory.segmentsByWriter].flatMap(([writer, segments]) =>
    segments
      .filter(({ number }) => !isCovered(covered, writer, number))
      .filter(({ number }, index, due) => number + 1 < (due[index + 1]?.number ?? 0))
      .map(({ number, format }) => names.segment(writer, number + 1, format)),
  );
}

function pageMissing(): SyncError {
  return new SyncError('record-damaged', 'A stored page is missing. What it held is fetched again from the backend.');
}

function segmentMissing(): SyncError {
  return new SyncError(
    'record-damaged',
    'Stored writes are missing, from this segment on. What came after them is there.',
  );
}

/** Per writer, the last segment that is stored, or `covered`. */
function lastSegments(inventory: Inventory, covered: Position): Position {
  const last: Record<string, number> = {};
  for (const [writer, segments] of inventory.segmentsByWriter) {
    const number = segments.at(-1)?.number ?? 0;
    last[writer] = isCovered(covered, writer, number) ? (covered[writer] as number) : number;
  }
  return last;
}
