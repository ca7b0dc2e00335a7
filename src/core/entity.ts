/** Opaque token of the backend for one state of an entity. Numbers are ordered, strings are only equal or not. */
export type Version = string | number;

/**
 * Base of everything that can be synchronised.
 *
 * - `id`: 1 to 256 bytes of well-formed Unicode, neither `.` nor `..`.
 * - `updatedAt`: ISO 8601 UTC, stamped on every local write.
 * - `version`: from the backend's last answer; absent before it.
 *
 * `updatedAt` and `version` are metadata: they take no part in diff, merge or equality.
 */
export interface ISyncEntity {
  id: string;
  updatedAt: string;
  version?: Version;
}

/**
 * What writes take: the entity without its metadata, which is optional. Reads give `T & ISyncEntity`. Of a union, each
 * member stays itself.
 */
export type Draft<T> = T extends unknown ? Omit<T, 'updatedAt' | 'version'> & Partial<ISyncEntity> : never;

/** A state of an entity as the backend last gave it. `entity: null` is a tombstone. */
export interface Base {
  readonly entity: ISyncEntity | null;
  readonly version: Version | null;
  /** Server time of the change, ISO 8601, when the backend tells it. */
  readonly updatedAt: string | null;
  /** Of a tombstone that was told without a version: the last version known before it. */
  readonly after?: Version;
  /** The server's data was reset since: the version means nothing any more and any state replaces this one. */
  readonly forgotten?: true;
  /** Excluded pointers whose values the backend has and that are not in memory, since they are never stored (S32). */
  readonly cut?: readonly string[];
}
