import type { GuardedStorage } from './guarded-storage.ts';
import type { Inventory } from './inventory.ts';
import { compareClaims, formatStamp } from './keys.ts';
import type { JournalKeys, Stamp } from './keys.ts';
import type { StoredPage } from './manifest.ts';
import { isCovered } from './position.ts';
import type { Position } from './position.ts';

/** What a stored manifest makes dispensable. */
export interface Dispensable {
  readonly manifest: Stamp;
  readonly pages: ReadonlyMap<number, StoredPage>;
  readonly covered: Position;
  readonly spared: ReadonlySet<string>;
}

const atOnce = 32;

/**
 * Keys that are needed no longer, in the order in which they must go: covered segments, pages that are not listed, older
 * manifests. What a writer with a higher claim stores is left alone: it is at work.
 */
export function findGarbage(names: JournalKeys, inventory: Inventory, dispensable: Dispensable): readonly string[] {
  const { manifest, pages, covered, spared } = dispensable;
  const listed = new Set([...pages.values()].map(({ stamp }) => formatStamp(stamp)));
  const isFenced = (stamp: Stamp): boolean => compareClaims(stamp, manifest) <= 0;
  const coveredSegments = [...inventory.segmentsByWriter].flatMap(([writer, segments]) =>
    segments
      .filter(({ number }) => isCovered(covered, writer, number))
      .map(({ format, number }) => names.segment(writer, number, format)),
  );
  const unlisted = inventory.pages.filter((stamp) => isFenced(stamp) && !listed.has(formatStamp(stamp)));
  const older = inventory.manifests.filter((stamp) => isFenced(stamp) && formatStamp(stamp) !== formatStamp(manifest));
  return [...coveredSegments, ...unlisted.map(names.page), ...older.map(names.manifest)].filter(
    (key) => !spared.has(key),
  );
}

/** Removes `keys`, earlier ones first, calling `pause` between the portions. */
export async function removeKeys(
  storage: GuardedStorage,
  keys: readonly string[],
  pause: () => Promise<void>,
): Promise<void> {
  for (let start = 0; start < keys.length; start += atOnce) {
    await pause();
    await Promise.all(keys.slice(start, start + atOnce).map((key) => storage.remove(key)));
  }
}
