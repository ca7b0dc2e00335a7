import type { Version } from '../../core/entity.ts';
import { canonicalText } from '../../core/canonical-text.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { RestRow } from './row.ts';

/** Which version the content of an entity had: lists tell no entity tags. In memory, and bounded: who is not asked for long is forgotten. */
export interface SeenVersions {
  note(collection: string, row: RestRow, version: Version): void;
  /** The version under which just this content was seen; null when it was not. */
  find(collection: string, row: RestRow): Version | null;
}

interface Seen {
  readonly fingerprint: string;
  readonly version: Version;
}

/** Remembers the versions of `capacity` entities, those that were asked for last. */
export function createSeenVersions(capacity: number): SeenVersions {
  const seenByPlace = new Map<string, Seen>();

  function keep(place: string, seen: Seen): void {
    seenByPlace.delete(place);
    seenByPlace.set(place, seen);
    if (seenByPlace.size <= capacity) return;
    for (const oldest of seenByPlace.keys()) {
      seenByPlace.delete(oldest);
      return;
    }
  }

  return {
    note(collection, row, version) {
      keep(placeOf(collection, row), { fingerprint: fingerprintOfRow(row), version });
    },
    find(collection, row) {
      const place = placeOf(collection, row);
      const seen = seenByPlace.get(place);
      if (seen?.fingerprint !== fingerprintOfRow(row)) return null;
      keep(place, seen);
      return seen.version;
    },
  };
}

function placeOf(collection: string, { id }: RestRow): string {
  return `${collection}/${id}`;
}

function fingerprintOfRow({ content, updatedAt, isDeleted }: RestRow): string {
  return fingerprintOf(canonicalText([content, updatedAt, isDeleted]));
}
