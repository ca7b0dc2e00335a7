import type { Json } from '../core/json.ts';

/** What a stored record holds. */
export type RecordKind = 'segment' | 'page' | 'manifest' | 'claim';

/**
 * Makes the content of a record what the next format would have stored: a segment's entries, a page's record, a manifest.
 * Pure, and the same whenever it is asked. Null: the content has not the shape of its format. The stamps that a manifest lists stay.
 */
export type Migration = (kind: RecordKind, content: Json) => Json | null;

/** The format of everything the journal stores: part of each key and of each record. */
export interface StorageFormat {
  readonly version: number;
  /** By the format that they lead away from: an unbroken row that ends before `version`. */
  readonly migrations: ReadonlyMap<number, Migration>;
}

/** What this program stores. A change of what is stored is a new version, with a migration and a fixture of the one before. */
export const currentFormat: StorageFormat = { version: 1, migrations: new Map() };

/** Whether what is stored in `version` can be read. */
export function isReadable(format: StorageFormat, version: number): boolean {
  return version === format.version || (version < format.version && format.migrations.has(version));
}

/** The versions that can be read, the format's own first. */
export function readableVersions({ version, migrations }: StorageFormat): readonly number[] {
  return [version, ...[...migrations.keys()].sort((a, b) => b - a)];
}

/** Content that was stored in `version`, as `format` stores it; null when it cannot be brought there. */
export function migrate(format: StorageFormat, version: number, kind: RecordKind, content: Json): Json | null {
  let migrated: Json | null = content;
  for (let from = version; from < format.version && migrated !== null; from += 1)
    migrated = format.migrations.get(from)?.(kind, migrated) ?? null;
  return migrated;
}
