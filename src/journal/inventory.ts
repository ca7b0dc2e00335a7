import { compareStamps } from './keys.ts';
import type { Claim, JournalKeys, Stamp } from './keys.ts';

/** A segment by its key. */
export interface SegmentKey {
  readonly format: number;
  readonly number: number;
}

/** What is stored under one name and user, by its keys alone. */
export interface Inventory {
  readonly keys: ReadonlySet<string>;
  /** Ascending; writers in the order of their names, which for UUIDv7 is that of their creation. */
  readonly segmentsByWriter: ReadonlyMap<string, readonly SegmentKey[]>;
  /** Newest first. */
  readonly pages: readonly Stamp[];
  /** Newest first. */
  readonly manifests: readonly Stamp[];
  readonly claims: readonly Claim[];
  /** The highest epoch that anything is claimed or stored under; 0 for none. */
  readonly epoch: number;
  /** Something is stored in a format that this program does not know. */
  readonly newer: boolean;
  /** Something is stored in an earlier format. */
  readonly older: boolean;
}

/** Sorts a storage's keys; those of others are left out. */
export function takeInventory(names: JournalKeys, keys: readonly string[]): Inventory {
  const own = new Set<string>();
  const segments: (SegmentKey & { readonly writer: string })[] = [];
  const pages: Stamp[] = [];
  const manifests: Stamp[] = [];
  const claims: Claim[] = [];
  let newer = false;
  for (const key of keys) {
    const parsed = names.parse(key);
    if (parsed === null) continue;
    own.add(key);
    if (parsed.kind === 'segment') segments.push(parsed);
    else if (parsed.kind === 'page') pages.push(parsed.stamp);
    else if (parsed.kind === 'manifest') manifests.push(parsed.stamp);
    else if (parsed.kind === 'claim') claims.push(parsed.claim);
    else if (parsed.kind === 'newer') newer = true;
  }
  const newestFirst = (a: Stamp, b: Stamp): number => compareStamps(b, a);
  const isOlder = ({ format }: { readonly format: number }): boolean => format < names.format;
  return {
    keys: own,
    segmentsByWriter: groupByWriter(segments),
    pages: pages.sort(newestFirst),
    manifests: manifests.sort(newestFirst),
    claims,
    epoch: [...manifests, ...pages, ...claims].reduce((highest, { epoch }) => Math.max(highest, epoch), 0),
    newer,
    older: segments.some(isOlder) || pages.some(isOlder) || manifests.some(isOlder),
  };
}

function groupByWriter(segments: (SegmentKey & { readonly writer: string })[]): Map<string, SegmentKey[]> {
  segments.sort((a, b) => (a.writer === b.writer ? a.number - b.number : a.writer < b.writer ? -1 : 1));
  const byWriter = new Map<string, SegmentKey[]>();
  for (const { writer, format, number } of segments) {
    const keys = byWriter.get(writer);
    if (keys === undefined) byWriter.set(writer, [{ format, number }]);
    else keys.push({ format, number });
  }
  return byWriter;
}
